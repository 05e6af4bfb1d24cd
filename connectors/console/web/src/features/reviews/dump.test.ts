import { expect, test } from "vitest";
import { dump } from "./dump";

const base64 = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));

test("bytes stand as they are, whatever encoding they were meant in", () => {
  // 杭州 in GBK.
  expect(dump(base64(0x22, 0xba, 0xbc, 0xd6, 0xdd))).toBe(
    '0000  22 ba bc d6 dd                                   "····',
  );
});

test("sixteen a row, and an end", () => {
  const rows = dump(base64(...Array<number>(40).fill(65))).split("\n");
  expect(rows.map((row) => row.slice(0, 4))).toEqual(["0000", "0010", "0020"]);
  expect(dump(btoa("x".repeat(10_000))).split("\n")).toHaveLength(256);
});
