/** What other systems were told, and those who would not hear it: by cause at the left, the list, and at the right what is opened of it. */
import type { QueryKey, UseQueryResult } from "@tanstack/react-query";
import { Segmented } from "antd";
import { type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bulk } from "../bulk/Bulk";
import { Behind } from "../states/Behind";
import { DataTable } from "../table/DataTable";
import { Export } from "../table/Export";
import type { Choice, Column, Filter, Page } from "../table/types";
import type { TableState } from "../table/useTable";
import type { Search } from "../url/search";
import { type Cause, Causes } from "./Causes";
import { Desk } from "./Desk";
import { following } from "./following";

/** Where what is listed stands, as the address has it; the first is meant where it says nothing. */
export function stateOf(table: TableState, states: readonly Choice[]): string {
  const named = states.find(({ value }) => value === table.search.state);
  return (named ?? states[0])?.value ?? "";
}

interface Props<Row> {
  /** Of the file that the list is taken away as. */
  name: string;
  title: string;
  table: TableState;
  filters: readonly Filter[];
  columns: readonly Column<Row>[];
  query: UseQueryResult<Page<Row> & { behind_s: number | null }>;
  rowKey: (row: Row) => string;
  /** What a row is called among others that are chosen with it. */
  called: (row: Row) => string;
  /** None: all that is listed is of one state. */
  states?: { label: string; choices: readonly Choice[]; chosen: string };
  /** `id`: of the filter that asks for one. None: what is listed has none. */
  causes: { label: string; id: string; all: string; found: readonly Cause[]; total: number } | undefined;
  /** Telling rows of one cause again; none: who looks may not. */
  redrive: { label: string; send: (row: Row, because: string, key: string) => Promise<unknown> } | undefined;
  /** What is asked again when something was done. */
  all: QueryKey;
  fetchFile: (filters: Search) => Promise<Blob>;
  first: { title: string; hint?: ReactNode };
  /** What is opened of a row; it may come when the first is. */
  panel: (row: Row, close: () => void, next: () => void) => ReactNode;
}

export function WorkList<Row>(props: Props<Row>) {
  const { name, title, table, query, rowKey, states, causes, redrive, all } = props;
  const { t } = useTranslation();
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const none = () => setKeys(new Set());
  const rows = query.data?.rows ?? [];
  const item = table.search.item;
  const opened = rows.find((row) => rowKey(row) === item);
  const cause = causes && table.search[causes.id];
  // Of one cause, so that one deed fits them all.
  const chosen = cause && redrive ? { keys, set: setKeys } : undefined;
  const named = new Map(
    rows.filter((row) => keys.has(rowKey(row))).map((row) => [rowKey(row), props.called(row)] as const),
  );
  const open = (key: string | undefined) => table.put({ item: key });
  const next = () => {
    const row = following(rows, (each) => rowKey(each) === item);
    open(row && rowKey(row));
  };
  const asked: Search = states && states.chosen !== states.choices[0]?.value ? { state: states.chosen } : {};
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        {states && (
          <Segmented
            aria-label={states.label}
            value={states.chosen}
            onChange={(value) => {
              none();
              const state = value === states.choices[0]?.value ? undefined : value;
              table.set({ state, item: undefined, ...(causes && { [causes.id]: undefined }) });
            }}
            options={[...states.choices]}
          />
        )}
      </header>
      <Behind seconds={query.data?.behind_s} asOf={query.data?.as_of} />
      <Desk
        causes={
          causes && (
            <Causes
              label={causes.label}
              causes={[{ id: "", title: causes.all, items: causes.total }, ...causes.found]}
              chosen={cause ?? ""}
              choose={(id) => {
                none();
                table.set({ [causes.id]: id || undefined });
              }}
            />
          )
        }
        list={
          <DataTable
            label={title}
            table={table}
            columns={props.columns}
            filters={props.filters}
            query={query}
            rowKey={rowKey}
            choice={chosen}
            bulk={
              redrive && (
                <Bulk
                  rows={named}
                  all={all}
                  clear={none}
                  deeds={[
                    {
                      label: redrive.label,
                      send: (key, because, id) => {
                        const row = rows.find((each) => rowKey(each) === key);
                        return row ? redrive.send(row, because, id) : Promise.reject(new Error(t("desk.gone")));
                      },
                    },
                  ]}
                />
              )
            }
            onOpen={(row) => open(rowKey(row))}
            opened={opened && item}
            extra={<Export name={name} fetch={() => props.fetchFile({ ...table.filters, ...asked })} />}
            first={props.first}
          />
        }
        panel={opened && <Suspense>{props.panel(opened, () => open(undefined), next)}</Suspense>}
      />
    </>
  );
}
