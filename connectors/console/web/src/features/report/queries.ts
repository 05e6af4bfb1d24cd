/** A week's report, as the server writes it out. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type Report = Schema["WeeklyReport"];
export type Table = Schema["ReportTable"];

export function useReport(week: string | undefined, shop: string | undefined) {
  const query = { ...(week && { week }), ...(shop && { shop }) };
  return useQuery({
    queryKey: ["report", query],
    queryFn: () => body(api.GET("/api/report/weekly", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}
