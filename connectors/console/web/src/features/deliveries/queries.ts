/** What warehouses' systems were told, and telling one again. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Search } from "../../shared/url/search";

export type Row = Schema["DeliveryRow"];

export const ALL = ["deliveries"] as const;
export const LISTS = [...ALL, "list"] as const;
/** Where telling again leads somewhere else. */
export const REDRIVABLE = ["WAITING", "RETRYING", "DEAD", "TOO_LATE"];

export function keyOf(row: Pick<Row, "order_id" | "delivery_id">): string {
  return `${row.order_id} ${row.delivery_id}`;
}

export function useDeliveries(asked: Search) {
  return useQuery({
    queryKey: [...LISTS, asked],
    queryFn: () => body(api.GET("/api/deliveries", { params: { query: asked as never } })),
    placeholderData: keepPreviousData,
  });
}

export function useCounts(shop: string | undefined, channel: string | undefined) {
  const query = { ...(shop && { shop }), ...(channel && { channel }) };
  return useQuery({
    queryKey: [...ALL, "counts", query],
    queryFn: () => body(api.GET("/api/deliveries/counts", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function useSteps(order_id: string) {
  return useQuery({
    queryKey: [...ALL, "of", order_id],
    queryFn: () => body(api.GET("/api/orders/{order_id}/deliveries", { params: { path: { order_id } } })),
  });
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/deliveries", { params: { query: filters as never }, parseAs: "blob" }));
}

export function redrive({ order_id, delivery_id }: Row, because: string, key: string) {
  const params = { header: { "Idempotency-Key": key } };
  return body(api.POST("/api/deliveries/redrive", { params, body: { order_id, delivery_id, because } }));
}
