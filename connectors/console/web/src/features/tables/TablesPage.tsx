/** The tables that routing looks at, warehouses and bundles: documents by their kind, and which version of each is live. */
import { PlusOutlined } from "@ant-design/icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Alert, Button, Dropdown } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Causes } from "../../shared/desk/Causes";
import { Desk } from "../../shared/desk/Desk";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Status } from "../../shared/status/Status";
import { DataTable } from "../../shared/table/DataTable";
import type { Column, Filter, Page } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { type Held, useShelf } from "./queries";

export default function TablesPage() {
  const { t } = useTranslation("tables");
  const word = useWord();
  const { can } = useSession();
  const navigate = useNavigate();
  const filters = useMemo<Filter[]>(
    () => [{ id: "kind", label: t("kind"), kind: "hidden", named: (kind) => word("table", kind) }],
    [t, word],
  );
  const table = useTable("tables", filters);
  const columns = useColumns();
  const shelf = useShelf();
  const found = shelf.data;
  const chosen = table.filters.kind;
  const of = (kind: string) => found?.documents.filter((each) => each.kind === kind).length ?? 0;
  const rows = found?.documents.filter(({ kind }) => !chosen || kind === chosen);
  const page = { ...shelf, data: rows && { rows, next: null, as_of: null } } as UseQueryResult<Page<Held>>;
  const kinds = found?.kinds ?? [];
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        <span className="muted">{t("hint")}</span>
        {can("config.edit", true) && (
          <Dropdown
            trigger={["click"]}
            menu={{
              items: kinds.map((kind) => ({ key: kind, label: word("table", kind) })),
              onClick: ({ key }) => void navigate({ href: `/tables/new?kind=${key}` }),
            }}
          >
            <Button icon={<PlusOutlined aria-hidden />}>{t("make")}</Button>
          </Dropdown>
        )}
      </header>
      {found?.damaged.map((says) => (
        <Alert key={says} showIcon type="error" className="behind" title={says} />
      ))}
      <Desk
        causes={
          <Causes
            label={t("kinds")}
            causes={[
              { id: "", title: t("all"), items: found?.documents.length ?? 0 },
              ...kinds.map((kind) => ({ id: kind, title: word("table", kind), items: of(kind) })),
            ]}
            chosen={chosen ?? ""}
            choose={(id) => table.set({ kind: id || undefined })}
          />
        }
        list={
          <DataTable
            label={t("title")}
            table={table}
            columns={columns}
            filters={filters}
            query={page}
            rowKey={({ document }) => document}
            href={({ document }) => `/tables/${encodeURIComponent(document)}`}
            first={{ title: t("none"), hint: t("noneHint") }}
          />
        }
        panel={null}
      />
    </>
  );
}

function useColumns(): Column<Held>[] {
  const { t } = useTranslation("tables");
  const word = useWord();
  return useMemo(
    () => [
      { id: "name", title: t("name"), fixed: true, cell: ({ document }) => document },
      { id: "kind", title: t("kind"), cell: ({ kind }) => word("table", kind) },
      {
        id: "live",
        title: t("live"),
        cell: ({ live }) =>
          live === null ? (
            <Status tone="off">{t("notLive")}</Status>
          ) : (
            <Status tone="ok">{t("version", { number: live })}</Status>
          ),
      },
      { id: "newest", title: t("newest"), end: true, cell: ({ newest }) => newest },
      { id: "at", title: t("changed"), cell: ({ at }) => at && <Time at={at} exact /> },
      { id: "by", title: t("by"), cell: ({ by }) => by },
    ],
    [t, word],
  );
}
