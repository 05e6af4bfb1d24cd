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

/** Asks for the receiver in clear, which is put on record. The answer is kept by the page alone, and gone with it. */
export function useReveal(order_id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/orders/{order_id}/receiver", { params: { path: { order_id } } })),
    gcTime: 0,
  });
}
