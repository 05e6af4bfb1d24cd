/** Who is signed in, and what they may do. */
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "./client";
import { Fault } from "./fault";

export type Session = Schema["Session"];
export type Credentials = Schema["LogIn"];

export const SESSION = ["session"] as const;

const session = queryOptions({
  queryKey: SESSION,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await body(api.GET("/api/session"));
    } catch (error) {
      if (error instanceof Fault && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Null: nobody is signed in. */
export function fetchSession(client: QueryClient): Promise<Session | null> {
  return client.ensureQueryData(session);
}

export interface Can {
  session: Session | null;
  /** Somewhere; or in all shops. */
  can: (permission: string, everywhere?: boolean) => boolean;
}

export function useSession(): Can {
  const found = useQuery(session).data ?? null;
  const can = (permission: string, everywhere = false) => {
    const where = (found?.may as Record<string, Session["may"][keyof Session["may"]]> | undefined)?.[permission];
    return where !== undefined && (!everywhere || where.everywhere);
  };
  return { session: found, can };
}

/** The shops by name that one may see anything of; empty also for who may see all, whichever there are. */
export function shopsOf(found: Session | null): string[] {
  return [...new Set(Object.values(found?.may ?? {}).flatMap(({ shops }) => shops))].sort();
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => body(api.POST("/api/session", { body: credentials })),
    onSuccess: (found) => {
      // Whatever was asked before was somebody else's answer.
      client.clear();
      client.setQueryData(SESSION, found);
    },
  });
}

export function useSignOut() {
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/session")),
    // All of the page goes with the session, so that nothing of it is left to see.
    onSuccess: () => window.location.assign("/login"),
  });
}
