/** The marked row, known by its key: rows that come and go above it do not move the mark to another. */
import { useState } from "react";

/** Returns the marked row's index, -1 for none, and a function that moves it and returns the new index. */
export function useMark(
  keys: readonly (string | undefined)[],
  opened: string | undefined,
): [number, (by: number) => number] {
  const [marked, setMarked] = useState<string>();
  const index = keys.indexOf(opened || marked);
  const move = (by: number) => {
    const next = Math.min(Math.max(index + by, 0), keys.length - 1);
    setMarked(keys[next]);
    return next;
  };
  return [index, move];
}
