/** What warehouses' systems were told: what wants a person by its cause, what is open, and all. */
import "./texts";
import { lazy, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { stateOf, WorkList } from "../../shared/desk/WorkList";
import { answerOf, useAnswer } from "../../shared/i18n/useAnswer";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { ALL, fetchFile, keyOf, redrive, useCounts, useDeliveries } from "./queries";

/** Comes when the first is opened. */
const DeliveryPanel = lazy(() => import("./DeliveryPanel"));

export default function DeliveriesPage() {
  const { t } = useTranslation("deliveries");
  const answer = useAnswer("deliveryOutcome");
  const { can } = useSession();
  const trade = useTradeFilters();
  const filters = useMemo<Filter[]>(
    () => [
      { id: "q", label: t("order"), kind: "search", hint: t("orderHint") },
      ...trade,
      { id: "warehouse", label: t("warehouse"), kind: "text" },
      { id: "cause", label: t("answer"), kind: "hidden", named: (cause) => answer(answerOf(cause)) },
    ],
    [trade, t, answer],
  );
  const columns = useColumns();
  const table = useTable("deliveries", filters);
  const choices = useMemo(() => (["dead", "open", "all"] as const).map((value) => ({ value, label: t(value) })), [t]);
  const state = stateOf(table, choices);
  const found = useDeliveries({ ...table.asked, ...(state !== "dead" && { state }) });
  const counts = useCounts(table.filters.shop, table.filters.channel);
  const causes = useMemo(
    () => (counts.data?.causes ?? []).map((each) => ({ id: each.cause, title: answer(each), items: each.items })),
    [counts.data, answer],
  );
  const dead = state === "dead";
  return (
    <WorkList
      name="deliveries"
      title={t("title")}
      table={table}
      filters={filters}
      columns={columns}
      query={found}
      rowKey={keyOf}
      called={(row) => row.delivery_id}
      states={{ label: t("state"), choices, chosen: state }}
      causes={
        dead
          ? { label: t("causes"), id: "cause", all: t("allCauses"), found: causes, total: counts.data?.total ?? 0 }
          : undefined
      }
      redrive={can("deliveries.redrive") ? { label: t("redrive"), send: redrive } : undefined}
      all={ALL}
      fetchFile={fetchFile}
      first={dead ? { title: t("none"), hint: t("noneHint") } : { title: t("noneAtAll"), hint: t("noneAtAllHint") }}
      panel={(row, close, next) => <DeliveryPanel key={keyOf(row)} row={row} close={close} next={next} />}
    />
  );
}
