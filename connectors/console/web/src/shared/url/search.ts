/** What stands after the `?`: plain texts. The router's own way reads "2300000000000000001" as a number and loses its last digits. */
export type Search = Record<string, string>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const written = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return written && `?${written}`;
}
