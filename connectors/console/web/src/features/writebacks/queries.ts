/** Parcels whose number a platform has not taken, and having one told again. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Search } from "../../shared/url/search";

export type Dead = Schema["DeadRow"];

export const ALL = ["writebacks"] as const;
export const LISTS = [...ALL, "list"] as const;

export function keyOf(dead: Pick<Dead, "order_id" | "shipment_id">): string {
  return `${dead.order_id} ${dead.shipment_id}`;
}

export function useDead(asked: Search) {
  return useQuery({
    queryKey: [...LISTS, asked],
    queryFn: () => body(api.GET("/api/writebacks/dead", { params: { query: asked } })),
    placeholderData: keepPreviousData,
  });
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/writebacks", { params: { query: filters }, parseAs: "blob" }));
}

export function useCounts(shop: string | undefined, channel: string | undefined) {
  const query = { ...(shop && { shop }), ...(channel && { channel }) };
  return useQuery({
    queryKey: [...ALL, "counts", query],
    queryFn: () => body(api.GET("/api/writebacks/dead/counts", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export interface Corrected {
  carrier: string;
  tracking_no: string;
  because: string;
}

export function redrive({ order_id, shipment_id }: Dead, corrected: Corrected, key: string) {
  const params = { header: { "Idempotency-Key": key } };
  return body(api.POST("/api/writebacks/redrive", { params, body: { order_id, shipment_id, ...corrected } }));
}
