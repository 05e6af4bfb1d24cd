/** Drafts are kept in this browser, each person's by the document's name: they are one person's until they are published, and a version
 * that is published decides nothing, so who wants to share one publishes it. */
import type { Plain } from "./document";

export interface Kept {
  tree: Plain;
  /** As it is written where that is not the tree: TOML, or what cannot be read yet. */
  typed: string | null;
  /** The newest version that there was when it was begun: what it goes on from. 0: none. */
  basis: number;
}

const key = (person: string, name: string) => `penstock.rules/${person}/${name}`;

export function kept(person: string, name: string): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key(person, name)) ?? "null");
    return typeof found === "object" && found !== null && "tree" in found ? (found as Kept) : null;
  } catch {
    return null;
  }
}

/** Whether it is kept: a browser has its bounds. */
export function keep(person: string, name: string, draft: Kept | null): boolean {
  try {
    if (draft === null) localStorage.removeItem(key(person, name));
    else localStorage.setItem(key(person, name), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

const TRIED = "penstock.rules-tried";
const TRIED_MAX = 200;

/** Digests of documents that this browser has held against orders, whoever's they are. */
export function tried(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(TRIED) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function noteTried(digest: string): string[] {
  const now = [...tried().filter((each) => each !== digest), digest].slice(-TRIED_MAX);
  try {
    localStorage.setItem(TRIED, JSON.stringify(now));
  } catch {
    // It is a mark of convenience: without room for it, the document can be tried again.
  }
  return now;
}

/** Names of documents that a person has drafts of. */
export function drafted(person: string): string[] {
  const start = key(person, "");
  return Object.keys(localStorage)
    .filter((each) => each.startsWith(start))
    .map((each) => each.slice(start.length))
    .sort();
}
