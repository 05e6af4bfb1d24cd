/** A moment: when, or how long ago; to the second on pointing at it. */
import { useSyncExternalStore } from "react";
import { ago, minute, moment } from "./format";

let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, 10_000);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** One clock for every time on the page, moved on every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  const then = useNow();
  const first = exact ? minute(at) : ago(at, then);
  return (
    <time className="num nowrap" dateTime={at} title={`${moment(at)} · ${ago(at, then)}`}>
      {first}
    </time>
  );
}
