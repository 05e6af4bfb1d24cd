import { expect, test } from "vitest";
import { home } from "./next";

test.each([
  ["/orders?q=1", "/orders?q=1"],
  [undefined, "/"],
  ["https://elsewhere.example/orders", "/"],
  ["//elsewhere.example", "/"],
  ["/\\elsewhere.example", "/"],
  ["/.//elsewhere.example", "/"],
  ["javascript:alert(1)", "/"],
  ["http://[", "/"],
  ["/login?next=/", "/"],
])("%s leads to %s", (next, expected) => {
  expect(home(next)).toBe(expected);
});
