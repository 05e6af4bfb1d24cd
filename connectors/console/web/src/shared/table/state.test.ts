import { expect, test } from "vitest";
import { chosen, shown, withFilters } from "./state";
import type { Column, Filter } from "./types";

const FILTERS: Filter[] = [
  { id: "q", label: "Search", kind: "search", hint: "" },
  { id: "status", label: "Status", kind: "text" },
];
const column = (id: string, more: Partial<Column<string>> = {}): Column<string> => ({
  id,
  title: id,
  cell: (row) => row,
  ...more,
});
const COLUMNS = [column("no", { fixed: true }), column("shop"), column("city", { spare: true })];
const ids = (found: Column<string>[]) => found.map(({ id }) => id);

test("only the list's own filters are asked for", () => {
  expect(chosen({ q: "5", after: "x", theme: "dark", status: "" }, FILTERS)).toEqual({ q: "5" });
});

test("another question starts at its first page, and what else stands in the address stays", () => {
  expect(withFilters({ q: "5", after: "x", columns: "no" }, { status: "HELD" })).toEqual({
    q: "5",
    columns: "no",
    status: "HELD",
  });
  expect(withFilters({ q: "5", after: "x" }, { q: undefined })).toEqual({});
});

test("columns: the address before what was kept, before what is usual", () => {
  expect(ids(shown(COLUMNS, undefined, null))).toEqual(["no", "shop"]);
  expect(ids(shown(COLUMNS, undefined, "no.city"))).toEqual(["no", "city"]);
  expect(ids(shown(COLUMNS, "shop", "no.city"))).toEqual(["no", "shop"]);
});

test("a link with columns that are no more shows the usual ones", () => {
  expect(ids(shown(COLUMNS, "gone.away", null))).toEqual(["no", "shop"]);
});
