/** A list: filters above, rows by key below, its whole state in the address. While another page loads, the old rows stay where they are. */
import "./table.css";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../states/Failed";
import { Nothing } from "../states/Nothing";
import { Waiting } from "../states/Waiting";
import { ColumnChooser } from "./ColumnChooser";
import { FilterBar } from "./FilterBar";
import { Pager } from "./Pager";
import { Rows } from "./Rows";
import { shown } from "./state";
import type { Chosen, Column, Filter, Page } from "./types";
import type { TableState } from "./useTable";

interface Props<Row> {
  /** What the list is of, for whoever hears it read. */
  label: string;
  table: TableState;
  columns: readonly Column<Row>[];
  filters: readonly Filter[];
  query: UseQueryResult<Page<Row>>;
  rowKey: (row: Row) => string;
  /** The row's own page; or, for a list with a panel beside it, `onOpen`. */
  href?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  opened?: string | undefined;
  /** Said when there is nothing at all yet. */
  first: { title: string; hint?: ReactNode };
  extra?: ReactNode;
  /** Where rows can be chosen; `bulk` is what can be done with them. */
  choice?: Chosen | undefined;
  bulk?: ReactNode;
}

export function DataTable<Row>({
  label,
  table,
  columns,
  filters,
  query,
  rowKey,
  href,
  onOpen,
  opened,
  first,
  extra,
  choice,
  bulk,
}: Props<Row>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const chosen = shown(columns, table.named, table.kept);
  const visible = opened === undefined ? chosen : chosen.filter((column) => !column.wide);
  const open = useMemo(
    () => onOpen ?? (href && ((row: Row) => void navigate({ href: href(row) }))),
    [onOpen, href, navigate],
  );
  const filtered = Object.keys(table.filters).length > 0;
  const page = query.data;
  const body = () => {
    if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
    if (!page) return <Waiting />;
    if (page.rows.length > 0)
      return (
        <Rows
          label={label}
          rows={page.rows}
          columns={visible}
          rowKey={rowKey}
          href={href}
          open={open}
          opened={opened}
          choice={choice}
        />
      );
    if (!filtered) return <Nothing kind="first" {...first} />;
    return (
      <Nothing
        kind="match"
        title={t("table.noMatch")}
        hint={t("table.noMatchHint")}
        action={<Button onClick={table.clear}>{t("table.clear")}</Button>}
      />
    );
  };
  return (
    <section className="panel table-panel" aria-busy={query.isFetching}>
      <div className="table-bar">
        <FilterBar filters={filters} values={table.filters} set={table.set} clear={table.clear} />
        <div className="table-tools">
          {extra}
          <ColumnChooser all={columns} shown={chosen} choose={table.choose} />
        </div>
      </div>
      {choice && <div className="table-bulk">{bulk}</div>}
      <div className={query.isPlaceholderData ? "table-body stale" : "table-body"}>{body()}</div>
      {page && !query.isError && (page.rows.length > 0 || table.back) && (
        <Pager count={page.rows.length} asOf={page.as_of} next={page.next} back={table.back} forward={table.forward} />
      )}
    </section>
  );
}
