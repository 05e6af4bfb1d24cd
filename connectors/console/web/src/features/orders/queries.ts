/** A page of orders, as the address asks for it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import { begin, end } from "../../shared/format/days";
import type { Search } from "../../shared/url/search";

export type Order = Schema["OrderRow"];

function queryOf({ from, to, ...rest }: Search) {
  return { ...rest, ...(from && { from: begin(from) }), ...(to && { to: end(to) }) };
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/orders", { params: { query: queryOf(filters) }, parseAs: "blob" }));
}

export function useOrders(asked: Search) {
  return useQuery({
    queryKey: ["orders", asked],
    queryFn: () => body(api.GET("/api/orders", { params: { query: queryOf(asked) } })),
    placeholderData: keepPreviousData,
  });
}
