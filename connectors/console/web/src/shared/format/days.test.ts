import { expect, test } from "vitest";
import { begin, end, spanOf } from "./days";

test("a day is Shanghai's, and the last one counts whole", () => {
  expect(begin("2026-11-30")).toBe("2026-11-30T00:00:00+08:00");
  expect(end("2026-11-30")).toBe("2026-12-01T00:00:00+08:00");
  expect(end("2028-02-28")).toBe("2028-02-29T00:00:00+08:00");
});

test("today is Shanghai's today", () => {
  const now = Date.parse("2026-11-30T16:30:00Z");
  expect(spanOf(1, now)).toEqual(["2026-12-01", "2026-12-01"]);
  expect(spanOf(7, now)).toEqual(["2026-11-25", "2026-12-01"]);
});
