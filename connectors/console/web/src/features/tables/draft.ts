/** What somebody is writing, kept in this browser until it is published or put away: a reload loses nothing. */
import type { Basis } from "./queries";

export interface Draft {
  text: string;
  /** What it goes on from. */
  basis: Basis;
}

const keyOf = (document: string) => `penstock.table.${document}`;

export function kept(document: string): Draft | undefined {
  const found = localStorage.getItem(keyOf(document));
  if (found === null) return undefined;
  try {
    const draft = JSON.parse(found) as Partial<Draft>;
    const { text, basis } = draft;
    return typeof text === "string" && typeof basis?.newest === "number" && typeof basis.change === "number"
      ? { text, basis }
      : undefined;
  } catch {
    return undefined;
  }
}

export function keep(document: string, draft: Draft | undefined): void {
  if (draft) localStorage.setItem(keyOf(document), JSON.stringify(draft));
  else localStorage.removeItem(keyOf(document));
}
