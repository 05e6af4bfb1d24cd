/** Orders, newest first, by what is known of them. */
import { useTranslation } from "react-i18next";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import { Export } from "../../shared/table/Export";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { useFilters } from "./filters";
import { fetchFile, useOrders } from "./queries";

export default function OrdersPage() {
  const { t } = useTranslation("orders");
  const columns = useColumns();
  const filters = useFilters();
  const table = useTable("orders", filters);
  const orders = useOrders(table.asked);
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
      </header>
      <Behind seconds={orders.data?.behind_s} asOf={orders.data?.as_of} />
      <DataTable
        label={t("title")}
        table={table}
        columns={columns}
        filters={filters}
        query={orders}
        rowKey={(order) => order.order_id}
        href={(order) => `/orders/${encodeURIComponent(order.order_id)}`}
        extra={<Export name="orders" fetch={() => fetchFile(table.filters)} />}
        first={{ title: t("none"), hint: t("noneHint") }}
      />
    </>
  );
}
