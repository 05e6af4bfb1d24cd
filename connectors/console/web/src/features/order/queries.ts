/** One order's story, and whom it goes to. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type Story = Schema["OrderStory"];
export type Decision = Schema["Decision"];
export type Receiver = Schema["Receiver"];

export function useStory(order_id: string) {
  return useQuery({
    queryKey: ["order", order_id],
    queryFn: () => body(api.GET("/api/orders/{order_id}", { params: { path: { order_id } } })),
  });
}

export function useDeliveries(order_id: string) {
  return useQuery({
    queryKey: ["deliveries", "of", order_id],
    queryFn: () => body(api.GET("/api/orders/{order_id}/deliveries", { params: { path: { order_id } } })),
  });
}

/** Asks for the receiver in clear, which is put on record. The answer is kept by the page alone, and gone with it. */
export function useReveal(order_id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/orders/{order_id}/receiver", { params: { path: { order_id } } })),
    gcTime: 0,
  });
}

export type Verb = "hold" | "release" | "cancel";

const DECIDED = {
  hold: "/api/orders/{order_id}/hold",
  release: "/api/orders/{order_id}/release",
  cancel: "/api/orders/{order_id}/cancel",
} as const;

/** `key`: by which the server knows the deed, however often it is sent. */
export function decide(verb: Verb, order_id: string, because: string, key: string) {
  const params = { path: { order_id }, header: { "Idempotency-Key": key } };
  return body(api.POST(DECIDED[verb], { params, body: { because } }));
}
