/** What flows ask of persons, one task of it, and a person's answer. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Search } from "../../shared/url/search";

export type Row = Schema["TaskRow"];
export type Item = Schema["TaskItem"];
export type Answered = Schema["Answered"];
export type Verb = "approve" | "refuse";

export const ALL = ["tasks"] as const;
export const LISTS = [...ALL, "list"] as const;

export function useTasks(asked: Search) {
  return useQuery({
    queryKey: [...LISTS, asked],
    queryFn: () => body(api.GET("/api/tasks", { params: { query: asked as never } })),
    placeholderData: keepPreviousData,
  });
}

export function fetchFile(filters: Search): Promise<Blob> {
  return body(api.GET("/api/exports/tasks", { params: { query: filters as never }, parseAs: "blob" }));
}

export function useCounts(shop: string | undefined, channel: string | undefined) {
  const query = { ...(shop && { shop }), ...(channel && { channel }) };
  return useQuery({
    queryKey: [...ALL, "counts", query],
    queryFn: () => body(api.GET("/api/tasks/counts", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function fetchTask(task_id: string): Promise<Item> {
  return body(api.GET("/api/tasks/{task_id}", { params: { path: { task_id } } }));
}

export function useTask(task_id: string) {
  return useQuery({ queryKey: [...ALL, "item", task_id], queryFn: () => fetchTask(task_id) });
}

/** Of a version of a flow, which never changes. */
export function useWays(task_id: string) {
  return useQuery({
    queryKey: ["ways", task_id],
    queryFn: () => body(api.GET("/api/tasks/{task_id}/ways", { params: { path: { task_id } } })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

const params = (task_id: string, key: string) => ({ path: { task_id }, header: { "Idempotency-Key": key } });

export function answer(verb: Verb, task_id: string, because: string, key: string): Promise<Answered> {
  return verb === "approve"
    ? body(api.POST("/api/tasks/{task_id}/approve", { params: params(task_id, key), body: { because } }))
    : body(api.POST("/api/tasks/{task_id}/refuse", { params: params(task_id, key), body: { because } }));
}

export function claim(task_id: string, key: string): Promise<Answered> {
  return body(api.POST("/api/tasks/{task_id}/claim", { params: params(task_id, key), body: {} as never }));
}

export function cancelOrder(order_id: string, because: string, key: string): Promise<Answered> {
  const of = { path: { order_id }, header: { "Idempotency-Key": key } };
  return body(api.POST("/api/orders/{order_id}/cancel", { params: of, body: { because } }));
}
