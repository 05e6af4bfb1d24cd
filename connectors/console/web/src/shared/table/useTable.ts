/** A list and its address: what is asked, and how it is asked otherwise. */
import { useLocation, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Search } from "../url/search";
import { AFTER, COLUMNS, chosen, withFilters } from "./state";
import type { Filter } from "./types";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** How many pages of the list lie before this one in the browser's history. */
    paged?: number;
  }
}

export interface TableState {
  /** To be asked of the server, with `after`. */
  asked: Search;
  /** The filters that are set. */
  filters: Search;
  /** The columns chosen: by the address, and here before. */
  named: string | undefined;
  kept: string | null;
  /** Any other thing that stands in the address, such as what is opened beside the list. */
  search: Search;
  put: (changes: Record<string, string | undefined>) => void;
  set: (changes: Record<string, string | undefined>) => void;
  clear: () => void;
  choose: (ids: readonly string[]) => void;
  forward: (next: string) => void;
  /** To the page before; undefined on the first. */
  back: (() => void) | undefined;
}

/** `name`: under which the columns that are chosen are remembered. */
export function useTable(name: string, filters: readonly Filter[]): TableState {
  const search = useSearch({ strict: false }) as Search;
  const paged = useLocation({ select: (location) => location.state.paged ?? 0 });
  const navigate = useNavigate();
  const { history } = useRouter();
  const key = `penstock.columns.${name}`;
  const go = useCallback(
    (next: Record<string, string | undefined>, state: { paged?: number } = {}, replace = false) =>
      void navigate({ to: ".", search: next as never, state: state as never, replace }),
    [navigate],
  );
  return useMemo(() => {
    const set = chosen(search, filters);
    const { [AFTER]: after, ...first } = search;
    return {
      asked: after ? { ...set, [AFTER]: after } : set,
      filters: set,
      named: search[COLUMNS],
      kept: localStorage.getItem(key),
      search,
      put: (changes) => go({ ...search, ...changes }, { paged }, true),
      set: (changes) => go(withFilters(search, changes)),
      clear: () => go(withFilters(search, Object.fromEntries(filters.map(({ id }) => [id, undefined])))),
      choose: (ids) => {
        localStorage.setItem(key, ids.join("."));
        go({ ...search, [COLUMNS]: ids.join(".") }, { paged }, true);
      },
      forward: (next) => go({ ...search, [AFTER]: next }, { paged: paged + 1 }),
      back: after ? () => (paged > 0 ? history.back() : go(first)) : undefined,
    };
  }, [search, filters, key, go, paged, history]);
}
