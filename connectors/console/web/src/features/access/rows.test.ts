import { expect, test } from "vitest";
import type { Everybody } from "./queries";
import { counted, usersOf } from "./rows";

const user = (name: string, ...roles: string[]) => ({
  name,
  made_at: "2026-11-30T00:00:00Z",
  made_by: "li",
  seen_at: null,
  grants: roles.map((role) => ({ role, kind: "all" as const, place: "", made_at: "", made_by: "" })),
});
const FOUND: Everybody = {
  users: [user("Li", "viewer", "viewer"), user("wang", "admin", "viewer"), user("zhao")],
  roles: [
    { role: "viewer", permissions: [] },
    { role: "admin", permissions: [] },
  ],
  departments: [],
  shops: [],
};
const names = (asked: Record<string, string>) => usersOf(FOUND, asked).rows.map(({ name }) => name);

test("users are found by a part of their name, by a role, or by having none", () => {
  expect(names({})).toEqual(["Li", "wang", "zhao"]);
  expect(names({ q: "LI" })).toEqual(["Li"]);
  expect(names({ role: "viewer", q: "a" })).toEqual(["wang"]);
  expect(names({ role: "none" })).toEqual(["zhao"]);
});

test("a user counts once for a role, however often it was granted", () => {
  expect(counted(FOUND)).toEqual([
    { role: "viewer", users: 2 },
    { role: "admin", users: 1 },
    { role: "none", users: 1 },
  ]);
});
