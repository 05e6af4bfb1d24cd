import { beforeEach, expect, test } from "vitest";
import { drafted, keep, kept, noteTried, tried } from "./drafts";
import { begun, did, redone, undone } from "./history";

beforeEach(() => localStorage.clear());

test("steps are taken back one by one, and done again", () => {
  const three = did(did(begun(1), 2, "", 0), 3, "", 1);
  const one = undone(undone(three));
  expect([one.present, undone(one)]).toEqual([1, one]);
  expect([redone(one).present, redone(redone(one)).present, redone(redone(redone(one))).present]).toEqual([2, 3, 3]);
});

test("what is done after a step back ends what could be done again", () => {
  const other = did(undone(did(begun(1), 2, "", 0)), 4, "", 2);
  expect([redone(other).present, undone(other).present]).toEqual([4, 1]);
});

test("letters of one word are one step, after a while they are another", () => {
  const written = did(did(did(begun("a"), "ab", "name", 0), "abc", "name", 500), "abcd", "name", 5_000);
  expect([undone(written).present, undone(undone(written)).present]).toEqual(["abc", "a"]);
  expect(undone(did(did(begun("a"), "b", "x", 0), "c", "y", 1)).present).toBe("b");
  // A step back in between begins anew.
  expect(undone(did(undone(did(begun("a"), "b", "x", 0)), "c", "x", 1)).present).toBe("a");
});

test("what changes nothing is no step", () => {
  const same = begun(1);
  expect(did(same, 1, "", 0)).toBe(same);
});

test("a draft is there again for its person, and for nobody else", () => {
  const draft = { tree: { name: "x" }, typed: "name = 'x'", basis: 3 };
  expect(keep("li", "default", draft)).toBe(true);
  keep("li", "a/b", draft);
  expect(kept("li", "default")).toEqual(draft);
  expect(kept("wang", "default")).toBeNull();
  expect([drafted("li"), drafted("wang")]).toEqual([["a/b", "default"], []]);
  keep("li", "default", null);
  expect(kept("li", "default")).toBeNull();
  localStorage.setItem("penstock.rules/li/odd", "{");
  expect(kept("li", "odd")).toBeNull();
});

test("what was tried is known again, each digest once, the newest last", () => {
  expect(tried()).toEqual([]);
  for (const digest of ["a", "b", "a"]) noteTried(digest);
  expect(tried()).toEqual(["b", "a"]);
  for (let at = 0; at < 300; at += 1) noteTried(String(at));
  expect([tried().length, tried().at(-1)]).toEqual([200, "299"]);
});
