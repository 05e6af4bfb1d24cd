import { expect, test } from "vitest";
import { parseSearch, writeSearch } from "./search";

test("an order number keeps each of its digits", () => {
  expect(parseSearch("?q=2300000000000000001")).toEqual({ q: "2300000000000000001" });
  expect(writeSearch({ q: "2300000000000000001" })).toBe("?q=2300000000000000001");
});

test("what is empty is not written", () => {
  expect(writeSearch({ q: "", shop: undefined })).toBe("");
});

test("any text comes back as it was", () => {
  const search = { q: "杭州 & 1=1?#%", after: "a+b/c==" };
  expect(parseSearch(writeSearch(search))).toEqual(search);
});
