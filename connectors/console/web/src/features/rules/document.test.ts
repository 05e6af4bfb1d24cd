import { expect, test } from "vitest";
import { asked, asking, condition, OPERATORS, operatorOf } from "./conditions";
import {
  added,
  asCards,
  at,
  criterion,
  inMode,
  moved,
  nameFor,
  put,
  type Rank,
  type Rules,
  strategy,
} from "./document";

const RANK = { mode: "lexicographic" as const, criteria: [{ by: "distance" }] };
const BASE: Rules = {
  version: 1,
  name: "default",
  strategies: [
    { name: "a", rank: RANK, when: [{ field: "pieces", at_least: 2 }] },
    { name: "b", rank: RANK },
    { name: "c", rank: RANK },
  ],
  default: { rank: RANK },
};
const names = (rules: Rules) => rules.strategies?.map((each) => each.name);

test("a change makes a new document and leaves the old one and all else as it was", () => {
  const before = JSON.stringify(BASE);
  const after = put(BASE, ["strategies", 1, "name"], "B");
  expect(names(after)).toEqual(["a", "B", "c"]);
  expect(JSON.stringify(BASE)).toBe(before);
  expect(after.strategies?.[0]).toBe(BASE.strategies?.[0]);
  expect(after.default).toBe(BASE.default);
});

test("strategies change places", () => {
  expect(names(moved(BASE, ["strategies"], 0, 2))).toEqual(["b", "c", "a"]);
  expect(names(moved(BASE, ["strategies"], 2, 0))).toEqual(["c", "a", "b"]);
  for (const [from, to] of [
    [1, 1],
    [-1, 0],
    [0, 3],
    [5, 0],
  ] as const)
    expect(moved(BASE, ["strategies"], from, to)).toBe(BASE);
});

test("what is taken out leaves no empty list where none has to be", () => {
  expect(put(BASE, ["strategies", 0, "when", 0], undefined).strategies?.[0]).toEqual({ name: "a", rank: RANK });
  let all = BASE;
  for (let left = 3; left > 0; left -= 1) all = put(all, ["strategies", 0], undefined);
  expect(all).toEqual({ version: 1, name: "default", default: { rank: RANK } });
  // A condition's names are asked for: an empty list is a fault, and stays to be seen.
  const asked = put(BASE, ["strategies", 0, "when", 0], { field: "shop", in: [] });
  expect(at(asked, ["strategies", 0, "when", 0, "in"])).toEqual([]);
});

test("one more comes last, also where there was none", () => {
  expect(added(BASE, ["default", "filters"], { filter: "calendar" }).default.filters).toEqual([{ filter: "calendar" }]);
  expect(names(added(BASE, ["strategies"], strategy("d", BASE.default)))).toEqual(["a", "b", "c", "d"]);
});

test("fields that cards do not know stay", () => {
  const odd = { ...BASE, later: { x: [1, null] } } as Rules;
  expect(put(odd, ["name"], "y")).toEqual({ ...odd, name: "y" });
});

test("a mode takes out what means nothing in it, and puts in what it needs", () => {
  const banded: Rank = { mode: "banded", criteria: [{ by: "distance", bands: [1, 2] }, { by: "covers" }] };
  expect(inMode(banded, "lexicographic").criteria).toEqual([{ by: "distance" }, { by: "covers" }]);
  const weighted = inMode(banded, "weighted");
  expect(weighted.criteria).toEqual([
    { by: "distance", weight: 1_000 },
    { by: "covers", weight: 1_000 },
  ]);
  expect(inMode(put(weighted, ["criteria", 0, "weight"], 7), "weighted").criteria[0]).toEqual({
    by: "distance",
    weight: 7,
  });
  expect(criterion("covers", "weighted")).toEqual({ by: "covers", weight: 1_000 });
  expect(criterion("covers", "banded")).toEqual({ by: "covers" });
});

test("names differ", () => {
  expect([nameFor("x", []), nameFor("x", ["x"]), nameFor("x", ["x", "x 2"])]).toEqual(["x", "x 2", "x 3"]);
});

test("cards show a document of the right shape, whatever its values, and no other", () => {
  expect(asCards(BASE)).toBe(BASE);
  expect(asCards({ ...BASE, strategies: [{ name: "", rank: { mode: "none", criteria: [] } }] })).not.toBeNull();
  for (const odd of [
    null,
    5,
    [],
    {},
    { ...BASE, name: 1 },
    { ...BASE, strategies: {} },
    { ...BASE, strategies: [null] },
    { ...BASE, strategies: [{ name: "a" }] },
    put(BASE, ["strategies", 0, "when"], [{ field: "shop", in: "tea" }]),
    put(BASE, ["default", "rank", "criteria"], "distance"),
    { ...BASE, tables: [{ name: "t", rows: [{ warehouses: "HZ1" }] }] },
  ])
    expect(asCards(odd)).toBeNull();
});

test("each operator is written so that it is read as itself", () => {
  for (const [type, operators] of Object.entries(OPERATORS))
    for (const operator of operators) expect(operatorOf(asking(condition("x", type, false), operator))).toBe(operator);
  expect(operatorOf({ field: "cod", is: true, not: true })).toBe("no");
});

test("values go along from one operator to the next", () => {
  const between = asking({ field: "pieces", at_least: 2, at_most: 9 }, "between");
  expect(asking(between, "atMost")).toEqual({ field: "pieces", at_most: 9 });
  expect(asking(between, "lessThan")).toEqual({ field: "pieces", at_least: 2, not: true });
  expect(asking({ field: "shop", in: ["tea"] }, "noneOf")).toEqual({ field: "shop", in: ["tea"], not: true });
  expect(asking({ field: "sku", lines: "all", in: [] }, "oneOf")).toEqual({ field: "sku", lines: "all", in: [] });
  expect(condition("sku", "text", true)).toEqual({ field: "sku", lines: "any", in: [] });
});

test("a condition says in a line what it asks, in each of its ways", () => {
  const words = { yes: "yes", no: "no" };
  const said = (it: Parameters<typeof asked>[0]) => asked(it, "weight", "grams", words);
  const low = { field: "weight", at_least: 5 };
  const high = { field: "weight", at_most: 9 };
  const all = [low, high, { ...low, ...high }];
  expect(all.map(said)).toEqual(["weight ≥ 5 grams", "weight ≤ 9 grams", "weight 5–9 grams"]);
  const not = all.map((each) => said({ ...each, not: true }));
  expect(not).toEqual(["weight < 5 grams", "weight > 9 grams", "weight ∉ 5–9 grams"]);
  const names = { field: "weight", in: ["a", "b"] };
  expect([said(names), said({ ...names, not: true })]).toEqual(["weight: a, b", "weight ≠ a, b"]);
  expect([said({ field: "weight", is: true }), said({ field: "weight", is: false })]).toEqual([
    "weight: yes",
    "weight: no",
  ]);
});
