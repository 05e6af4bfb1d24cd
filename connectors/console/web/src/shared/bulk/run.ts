/** One deed done to many rows, one after another: each has a result of its own, and what is stopped has done what it has done. */
export interface Result {
  state: "waiting" | "done" | "failed";
  /** Why not, or what would come of it. */
  says: string;
}

export type Results = ReadonlyMap<string, Result>;

/** `told` is called with all results after each; `stopped` is asked before each. One that failed keeps no other from being tried. */
export async function run(
  keys: readonly string[],
  deed: (key: string) => Promise<string>,
  told: (results: Results) => void,
  stopped: () => boolean,
): Promise<Results> {
  let results: Results = new Map();
  for (const key of keys) {
    if (stopped()) break;
    const result: Result = await deed(key).then(
      (says) => ({ state: "done", says }),
      (error: unknown) => ({ state: "failed", says: error instanceof Error ? error.message : String(error) }),
    );
    results = new Map([...results, [key, result]]);
    told(results);
  }
  return results;
}
