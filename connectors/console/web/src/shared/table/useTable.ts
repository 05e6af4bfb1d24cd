/** A list and its address: what is asked, and how it is asked otherwise. */
import { useLocation, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Search } from "../url/search";
import { AFTER, COLUMNS, chosen, shown, withFilters } from "./state";
import type { Column, Filter } from "./types";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** How many pages of the list lie before this one in the browser's history. */
    paged?: number;
  }
}

export interface TableState<Row> {
  /** To be asked of the server, with `after`. */
  asked: Search;
  /** The filters that are set. */
  filters: Search;
  after: string | undefined;
  columns: Column<Row>[];
  set: (changes: Record<string, string | undefined>) => void;
  clear: () => void;
  choose: (ids: readonly string[]) => void;
  forward: (next: string) => void;
  /** To the page before; undefined on the first. */
  back: (() => void) | undefined;
}

export function useTable<Row>(
  name: string,
  columns: readonly Column<Row>[],
  filters: readonly Filter[],
): TableState<Row> {
  const search = useSearch({ strict: false }) as Search;
  const paged = useLocation({ select: (location) => location.state.paged ?? 0 });
  const navigate = useNavigate();
  const { history } = useRouter();
  const kept = `penstock.columns.${name}`;
  const go = useCallback(
    (next: Search, state: { paged?: number } = {}, replace = false) =>
      void navigate({ to: ".", search: next as never, state: state as never, replace }),
    [navigate],
  );
  return useMemo(() => {
    const set = chosen(search, filters);
    const after = search[AFTER];
    const { [AFTER]: _, ...first } = search;
    return {
      asked: after ? { ...set, [AFTER]: after } : set,
      filters: set,
      after,
      columns: shown(columns, search[COLUMNS], localStorage.getItem(kept)),
      set: (changes) => go(withFilters(search, changes)),
      clear: () => go(withFilters(search, Object.fromEntries(filters.map(({ id }) => [id, undefined])))),
      choose: (ids) => {
        localStorage.setItem(kept, ids.join("."));
        go({ ...search, [COLUMNS]: ids.join(".") }, { paged }, true);
      },
      forward: (next) => go({ ...search, [AFTER]: next }, { paged: paged + 1 }),
      back: after ? () => (paged > 0 ? history.back() : go(first)) : undefined,
    };
  }, [search, filters, columns, kept, go, paged, history]);
}
