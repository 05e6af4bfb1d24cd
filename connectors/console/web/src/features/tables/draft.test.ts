import { beforeEach, expect, test } from "vitest";
import { keep, kept } from "./draft";

beforeEach(() => localStorage.clear());

test("a draft is kept for its document alone until it is put away", () => {
  const draft = { text: 'kind = "freight"', basis: { newest: 2, change: 3 } };
  keep("freight/main", draft);
  expect(kept("freight/main")).toEqual(draft);
  expect(kept("freight/other")).toBeUndefined();
  keep("freight/main", undefined);
  expect(kept("freight/main")).toBeUndefined();
});

test.each(["{", "null", "[]", '{"text": 1}', '{"text": "x"}', '{"text": "x", "basis": {"newest": "1"}}'])(
  "what is no draft (%s) is none",
  (found) => {
    localStorage.setItem("penstock.table.freight/main", found);
    expect(kept("freight/main")).toBeUndefined();
  },
);
