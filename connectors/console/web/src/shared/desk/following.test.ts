import { expect, test } from "vitest";
import { following } from "./following";

const after = (row: string) => following(["a", "b", "c"], (each) => each === row);

test("the next one, the one before at the end, none where there is none", () => {
  expect([after("a"), after("c"), after("x")]).toEqual(["b", "b", undefined]);
  expect(following(["a"], () => true)).toBeUndefined();
});
