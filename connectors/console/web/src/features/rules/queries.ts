/** Rule documents, what is said of a draft, and what is done with versions. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type Shelf = Schema["RuleShelf"];
export type Held = Schema["RuleDocument"];
export type Judgement = Schema["RuleJudgement"];
export type Fault = Schema["RuleFault"];
export type Entry = Schema["RuleEntry"];
export type Catalogue = Schema["RuleCatalogue"];
export type Decision = Schema["RuleDecision"];
export type Tried = Schema["RuleTried"];
export type Counterfactual = Schema["RuleCounterfactual"];
export type Comparison = Schema["RuleComparison"];
export type To = Schema["RuleReleased"]["to"];

const ALL = ["rules"] as const;
const SHELF = [...ALL, "shelf"] as const;
const COUNTERFACTUAL = [...ALL, "counterfactual"] as const;
const OFTEN_MS = 1_000;
const SELDOM_MS = 15_000;

export function useShelf() {
  return useQuery({ queryKey: SHELF, queryFn: () => body(api.GET("/api/rules")), refetchInterval: SELDOM_MS });
}

export function useCatalogue() {
  return useQuery({
    queryKey: [...ALL, "catalogue"],
    queryFn: () => body(api.GET("/api/rules/catalogue")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useTemplates() {
  return useQuery({
    queryKey: [...ALL, "templates"],
    queryFn: () => body(api.GET("/api/rules/templates")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** A version never changes; what is wrong with it does, with what is set up. */
export function versionOf(name: string, number: number) {
  return body(api.GET("/api/rules/documents/{name}/{number}", { params: { path: { name, number } } }));
}

export function useVersion(name: string, number: number | undefined) {
  return useQuery({
    queryKey: [...ALL, "version", name, number],
    queryFn: () => versionOf(name, number ?? 0),
    enabled: number !== undefined,
    // Of the version before, until the one that was just published is there.
    placeholderData: keepPreviousData,
  });
}

export function judged(text: string) {
  return body(api.POST("/api/rules/lint", { body: { text } }));
}

export function useJudgement(text: string | null) {
  return useQuery({
    queryKey: [...ALL, "judgement", text],
    queryFn: () => judged(text ?? ""),
    enabled: text !== null,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}

export function useDiff(name: string, before: number | undefined, text: string, sound: boolean) {
  return useQuery({
    queryKey: [...ALL, "diff", name, before, text],
    queryFn: () =>
      body(
        api.POST("/api/rules/documents/{name}/diff", {
          params: { path: { name } },
          body: { before: before ?? 0, text },
        }),
      ),
    enabled: before !== undefined && sound,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}

/** Something that changes what there is: asked anew whether it was done, or somebody else was faster. */
function useChange<Asked, Answer>(send: (asked: Asked) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSettled: () => client.invalidateQueries({ queryKey: SHELF }) });
}

export function usePublish() {
  return useChange((asked: Schema["RulePublish"]) => body(api.POST("/api/rules/publish", { body: asked })));
}

export function useRelease(name: string) {
  const params = { path: { name } };
  return useChange((asked: Schema["RuleReleased"]) =>
    body(api.POST("/api/rules/documents/{name}/release", { params, body: asked })),
  );
}

export function useRollBack(name: string) {
  const params = { path: { name } };
  return useChange((asked: Schema["RuleRolledBack"]) =>
    body(api.POST("/api/rules/documents/{name}/rollback", { params, body: asked })),
  );
}

export function useTry() {
  return useMutation({
    mutationFn: (asked: { text: string; order: Record<string, unknown> }) =>
      body(api.POST("/api/rules/try", { body: asked })),
  });
}

/** The newest orders that one may see, each decided anew. */
export function useTryRecent(limit: number) {
  return useMutation({
    mutationFn: async (text: string) => {
      const page = await body(api.GET("/api/orders", { params: { query: { limit } } }));
      const order_ids = page.rows.map((row) => row.order_id);
      return order_ids.length ? body(api.POST("/api/rules/try/orders", { body: { text, order_ids } })) : [];
    },
  });
}

export function useCounterfactual() {
  return useQuery({
    queryKey: COUNTERFACTUAL,
    queryFn: async () => (await body(api.GET("/api/rules/counterfactual"))).last,
    refetchInterval: (query) => (query.state.data?.state === "running" ? OFTEN_MS : SELDOM_MS),
  });
}

export function useStart() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (asked: { text: string; days: number }) =>
      (await body(api.POST("/api/rules/counterfactual/start", { body: asked }))).last,
    onSuccess: (last) => client.setQueryData(COUNTERFACTUAL, last),
  });
}

export function useStop() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => (await body(api.POST("/api/rules/counterfactual/stop"))).last,
    onSuccess: (last) => client.setQueryData(COUNTERFACTUAL, last),
  });
}
