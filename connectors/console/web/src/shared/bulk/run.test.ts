import { expect, test } from "vitest";
import { type Results, run } from "./run";

const shown = (results: Results) => [...results].map(([key, { state, says }]) => `${key} ${state} ${says}`);

test("each row has its own result, and one that fails keeps no other from being tried", async () => {
  const tried: string[] = [];
  const counts: number[] = [];
  const results = await run(
    ["a", "b", "c"],
    async (key) => {
      tried.push(key);
      if (key === "b") throw new Error("taken");
      return "well";
    },
    (so) => counts.push(so.size),
    () => false,
  );
  expect(tried).toEqual(["a", "b", "c"]);
  expect(shown(results)).toEqual(["a done well", "b failed taken", "c done well"]);
  expect(counts).toEqual([1, 2, 3]);
});

test("what is stopped begins nothing more", async () => {
  const tried: string[] = [];
  const results = await run(
    ["a", "b", "c"],
    async (key) => {
      tried.push(key);
      return "";
    },
    () => {},
    () => tried.length === 2,
  );
  expect(tried).toEqual(["a", "b"]);
  expect([...results.keys()]).toEqual(["a", "b"]);
});
