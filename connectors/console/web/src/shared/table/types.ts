/** What a list is made of. */
import type { ReactNode } from "react";

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their cells. */
  end?: boolean;
  /** Not shown until it is chosen. */
  spare?: boolean;
  /** Left out while a panel beside the list takes its room. */
  wide?: boolean;
  /** Cannot be put away: what the row is known by. */
  fixed?: boolean;
}

export interface Choice {
  value: string;
  label: string;
}

/** A question that the list answers. Its id is its name in the address and in the server's. */
export type Filter =
  | { id: string; label: string; kind: "search"; hint: string }
  | { id: string; label: string; kind: "choice"; choices: readonly Choice[] }
  | { id: string; label: string; kind: "text" }
  | { id: string; label: string; kind: "day" }
  /** Asked for elsewhere on the page; here it is a chip alone, its value named so. */
  | { id: string; label: string; kind: "hidden"; named: (value: string) => string };

/** Rows that are chosen, by their keys, to be dealt with together. */
export interface Chosen {
  keys: ReadonlySet<string>;
  set: (keys: ReadonlySet<string>) => void;
}

/** One page of a list, by key: `next` asks for what comes after it. */
export interface Page<Row> {
  rows: readonly Row[];
  next: string | null;
  /** When the tables were last written to. */
  as_of: string | null;
}
