import { expect, test } from "vitest";
import { labels, matched, SHORTCUTS, type Shortcut, stroke } from "./keys";

const ALL = Object.keys(SHORTCUTS) as Shortcut[];
const press = (key: string, more = {}) => stroke({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("no two shortcuts have the same keys, and none begins another", () => {
  const keys = Object.values(SHORTCUTS);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((one) => keys.some((other) => other.startsWith(`${one} `)))).toEqual([]);
});

test("a press is read as the list writes it", () => {
  expect(press("J")).toBe("j");
  expect(press("k", { ctrlKey: true })).toBe("mod+k");
  expect(press("?")).toBe("?");
  expect(press("Shift")).toBeNull();
  expect(press("j", { altKey: true })).toBeNull();
});

test("two keys after another make one shortcut", () => {
  expect(matched(["g"], ALL)).toBe("more");
  expect(matched(["g", "o"], ALL)).toBe("orders");
  expect(matched(["g", "x"], ALL)).toBeNull();
  expect(matched(["j"], ["previous"])).toBeNull();
});

test("keys are named as they are printed", () => {
  expect(labels("palette")).toEqual(["Ctrl", "K"]);
  expect(labels("orders")).toEqual(["G", "O"]);
});
