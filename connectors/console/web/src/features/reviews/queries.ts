/** The review queue, what is wrong with each item, and what is done about it. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Search } from "../../shared/url/search";

export type Row = Schema["ReviewRow"];
export type Item = Schema["ReviewItem"];
export type Original = Schema["Original"];
export type Put = Schema["Put"];
export type Verdict = Schema["Verdict"];

export const ALL = ["reviews"] as const;
export const LISTS = [...ALL, "list"] as const;

export function useReviews(asked: Search) {
  return useQuery({
    queryKey: [...LISTS, asked],
    queryFn: () => body(api.GET("/api/reviews", { params: { query: asked } })),
    placeholderData: keepPreviousData,
  });
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/reviews", { params: { query: filters }, parseAs: "blob" }));
}

export function useCounts(shop: string | undefined, channel: string | undefined) {
  const query = { ...(shop && { shop }), ...(channel && { channel }) };
  return useQuery({
    queryKey: [...ALL, "counts", query],
    queryFn: () => body(api.GET("/api/reviews/counts", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function useItem(record: string) {
  return useQuery({
    queryKey: [...ALL, "item", record],
    queryFn: () => body(api.GET("/api/reviews/{record}", { params: { path: { record } } })),
  });
}

/** The payload as it came, which is put on record; kept by the panel alone. */
export function useOriginal(record: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/reviews/{record}/original", { params: { path: { record } } })),
    gcTime: 0,
  });
}

export function check(record: string, put: Put): Promise<Verdict> {
  return body(api.POST("/api/reviews/{record}/check", { params: { path: { record } }, body: put }));
}

export function useCheck(record: string) {
  return useMutation({ mutationFn: (put: Put) => check(record, put) });
}

export function fix(record: string, put: Put, because: string, key: string) {
  const params = { path: { record }, header: { "Idempotency-Key": key } };
  return body(api.POST("/api/reviews/{record}/fix", { params, body: { ...put, because } }));
}

export function discard(record: string, because: string, key: string) {
  const params = { path: { record }, header: { "Idempotency-Key": key } };
  return body(api.POST("/api/reviews/{record}/discard", { params, body: { because } }));
}
