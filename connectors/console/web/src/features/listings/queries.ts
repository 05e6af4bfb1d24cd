/** What shops show of the stock beside what they should, and telling one again. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Search } from "../../shared/url/search";

export type Row = Schema["ListingRow"];

export const ALL = ["listings"] as const;
export const LISTS = [...ALL, "list"] as const;

export function keyOf(row: Pick<Row, "sku" | "place">): string {
  return `${row.sku} ${row.place}`;
}

export function useListings(asked: Search) {
  return useQuery({
    queryKey: [...LISTS, asked],
    queryFn: () => body(api.GET("/api/listings", { params: { query: asked as never } })),
    placeholderData: keepPreviousData,
  });
}

export function useCounts(shop: string | undefined, channel: string | undefined) {
  const query = { ...(shop && { shop }), ...(channel && { channel }) };
  return useQuery({
    queryKey: [...ALL, "counts", query],
    queryFn: () => body(api.GET("/api/listings/counts", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/listings", { params: { query: filters as never }, parseAs: "blob" }));
}

export function redrive({ sku, place }: Row, because: string, key: string) {
  const params = { header: { "Idempotency-Key": key } };
  return body(api.POST("/api/listings/redrive", { params, body: { sku, place, because } }));
}
