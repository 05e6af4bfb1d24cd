/** What was done to a draft, to be taken back and done again. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What was changed last, and when: more of the same in one go is one step. */
  last: { what: string; atMs: number } | null;
}

const STEPS = 200;
const ONE_GO_MS = 1_000;

export const begun = <T>(present: T): History<T> => ({ past: [], present, future: [], last: null });

/** `what`: the place that is written at; empty: a step of its own. */
export function did<T>(history: History<T>, next: T, what: string, atMs: number): History<T> {
  if (next === history.present) return history;
  const { last } = history;
  const goesOn = what !== "" && last?.what === what && atMs - last.atMs < ONE_GO_MS;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-STEPS);
  return { past, present: next, future: [], last: { what, atMs } };
}

export function undone<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], last: null };
}

export function redone<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, last: null };
}
