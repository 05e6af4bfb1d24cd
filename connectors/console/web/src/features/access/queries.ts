/** Who may use the console, and changing it: each change is asked for with its reason, and all of it is asked again afterwards. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type User = Schema["UserRow"];
export type Everybody = Schema["Everybody"];
export type Grant = Omit<Schema["Granting"], "because">;
export type Holdings = Schema["Holdings"];
export type Department = Schema["Department"];

const ALL = ["access"] as const;

export function useEverybody() {
  return useQuery({ queryKey: [...ALL, "everybody"], queryFn: () => body(api.GET("/api/access")) });
}

export function useHoldings(name: string) {
  return useQuery({
    queryKey: [...ALL, "user", name],
    queryFn: () => body(api.GET("/api/access/users/{name}", { params: { path: { name } } })),
  });
}

/** `change` is one of those below. */
export function useChange<Told>(change: (told: Told) => Promise<unknown>, done: () => void = () => {}) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      done();
      return client.invalidateQueries({ queryKey: ALL });
    },
  });
}

export const put = (told: { name: string; password: string; because: string }) =>
  body(api.POST("/api/access/users", { body: told }));

export const give = (name: string, told: Grant & { because: string }) =>
  body(api.POST("/api/access/users/{name}/grant", { params: { path: { name } }, body: told }));

export const take = (name: string, told: Grant & { because: string }) =>
  body(api.POST("/api/access/users/{name}/revoke", { params: { path: { name } }, body: told }));

export const remove = (name: string, because: string) =>
  body(api.POST("/api/access/users/{name}/remove", { params: { path: { name } }, body: { because } }));

export const setDepartment = (name: string, told: { shops: string[]; because: string }) =>
  body(api.PUT("/api/access/departments/{name}", { params: { path: { name } }, body: told }));
