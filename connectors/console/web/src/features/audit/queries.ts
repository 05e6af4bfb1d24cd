/** A page of the audit, as the address asks for it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import { begin, end } from "../../shared/format/days";
import type { Search } from "../../shared/url/search";

export type Entry = Schema["AuditRow"];

export function useAudit(asked: Search) {
  return useQuery({
    queryKey: ["audit", asked],
    queryFn: () => {
      const { from, to, ...rest } = asked;
      const query = { ...rest, ...(from && { from: begin(from) }), ...(to && { to: end(to) }) };
      return body(api.GET("/api/audit", { params: { query } }));
    },
    placeholderData: keepPreviousData,
  });
}
