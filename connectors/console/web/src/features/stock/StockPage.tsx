/** The stock: each SKU at each warehouse, what can be sold of it first. */
import "./stock.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, body, type Schema } from "../../api/client";
import { count } from "../../shared/format/format";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import type { Column, Filter } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import type { Search } from "../../shared/url/search";
import { Cell } from "./Cell";

type Row = Schema["StockRow"];
type Warehouse = Schema["Warehouse"];

function useStock(asked: Search) {
  return useQuery({
    queryKey: ["stock", asked],
    queryFn: () => body(api.GET("/api/stock", { params: { query: asked } })),
    placeholderData: keepPreviousData,
  });
}

export default function StockPage() {
  const { t } = useTranslation("stock");
  const filters = useMemo<Filter[]>(() => [{ id: "sku", label: t("sku"), kind: "search", hint: t("skuHint") }], [t]);
  const table = useTable("stock", filters);
  const stock = useStock(table.asked);
  const columns = useColumns(stock.data?.warehouses);
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        <span className="muted">{t("legend")}</span>
      </header>
      <Behind seconds={stock.data?.behind_s} asOf={stock.data?.as_of} />
      <DataTable
        label={t("title")}
        table={table}
        columns={columns}
        filters={filters}
        query={stock}
        rowKey={(row) => row.sku}
        first={{ title: t("none"), hint: t("noneHint") }}
      />
    </>
  );
}

function useColumns(warehouses: readonly Warehouse[] = []): Column<Row>[] {
  const { t } = useTranslation("stock");
  return useMemo(
    () => [
      { id: "sku", title: t("sku"), fixed: true, cell: (row) => <code>{row.sku}</code> },
      {
        id: "sellable",
        title: t("sellable"),
        end: true,
        cell: (row) => <strong>{count(row.cells.reduce((sum, cell) => sum + cell.sellable, 0))}</strong>,
      },
      ...warehouses.map(
        ({ warehouse, name, enabled }): Column<Row> => ({
          id: `at-${warehouse}`,
          title: enabled ? name || warehouse : t("disabled", { name: name || warehouse }),
          end: true,
          cell: (row) => <Cell cell={row.cells.find((each) => each.warehouse === warehouse)} />,
        }),
      ),
    ],
    [warehouses, t],
  );
}
