/** Documents of tables: read, judged, made live, rolled back. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type Held = Schema["TableDocument"];
export type History = Schema["TableHistory"];
export type Version = Schema["TableVersion"];
export type Judgement = Schema["TableJudgement"];
export type Difference = Schema["TableDifference"];

const ALL = ["tables"] as const;

export function useShelf() {
  return useQuery({ queryKey: [...ALL, "shelf"], queryFn: () => body(api.GET("/api/tables")) });
}

export function useHistory(document: string | undefined) {
  return useQuery({
    queryKey: [...ALL, "history", document],
    queryFn: () => body(api.GET("/api/tables/history", { params: { query: { document: document ?? "" } } })),
    enabled: document !== undefined,
  });
}

export function useVersion(document: string | undefined, version: number | null | undefined) {
  return useQuery({
    queryKey: [...ALL, "version", document, version],
    queryFn: () =>
      body(api.GET("/api/tables/version", { params: { query: { document: document ?? "", version: version ?? 1 } } })),
    enabled: document !== undefined && Boolean(version),
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Between two versions; asked for when both are named. */
export function useDifferences(document: string | undefined, before: number | undefined, after: number | undefined) {
  return useQuery({
    queryKey: [...ALL, "differences", document, before, after],
    queryFn: () =>
      body(
        api.GET("/api/tables/differences", {
          params: { query: { document: document ?? "", before: before ?? 1, after: after ?? 1 } },
        }),
      ),
    enabled: document !== undefined && Boolean(before) && Boolean(after),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the server makes of a text; the last judgement stands until there is another. */
export function useJudgement(text: string, change: number) {
  return useQuery({
    queryKey: [...ALL, "lint", text, change],
    queryFn: () => body(api.POST("/api/tables/lint", { body: { text } })),
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
  });
}

export interface Basis {
  newest: number;
  change: number;
}

type Publish = Schema["TablePublish"];
type Rollback = Schema["TableRollback"];

export function usePublish(done: (changed: Schema["TableChanged"]) => void) {
  return useChanging((told: Publish) => body(api.POST("/api/tables/publish", { body: told })), done);
}

export function useRollback(done: () => void) {
  return useChanging((told: Rollback) => body(api.POST("/api/tables/rollback", { body: told })), done);
}

function useChanging<Told, Answer>(change: (told: Told) => Promise<Answer>, done: (answer: Answer) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: ALL });
      done(answer);
    },
    // Somebody else was first: what they did is to be seen.
    onError: () => void client.invalidateQueries({ queryKey: ALL }),
  });
}
