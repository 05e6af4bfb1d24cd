/** A list's state is its address: filters, place and columns. Here is how it is read and what a change makes of it. */
import type { Search } from "../url/search";
import type { Column, Filter } from "./types";

export const AFTER = "after";
export const COLUMNS = "columns";

/** The filters that are set, by their ids. */
export function chosen(search: Search, filters: readonly Filter[]): Search {
  return Object.fromEntries(
    filters.flatMap(({ id }) => {
      const value = search[id];
      return value ? [[id, value]] : [];
    }),
  );
}

/** Another question starts at its first page. */
export function withFilters(search: Search, changes: Record<string, string | undefined>): Search {
  const next: Record<string, string | undefined> = { ...search, ...changes, [AFTER]: undefined };
  return Object.fromEntries(Object.entries(next).filter((pair): pair is [string, string] => Boolean(pair[1])));
}

/** The columns shown, in their order: what the address names, else what was last chosen here, else those that are not spare. */
export function shown<Row>(
  columns: readonly Column<Row>[],
  named: string | undefined,
  kept: string | null,
): Column<Row>[] {
  const ids = (named ?? kept ?? "").split(".").filter((id) => columns.some((column) => column.id === id));
  if (ids.length === 0) return columns.filter((column) => !column.spare);
  return columns.filter((column) => column.fixed || ids.includes(column.id));
}
