/** What shops show of the stock beside what they should: what was given up by its cause, what differs, and all. */
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
import { ALL, fetchFile, keyOf, redrive, useCounts, useListings } from "./queries";

/** Comes when the first is opened. */
const ListingPanel = lazy(() => import("./ListingPanel"));

export default function ListingsPage() {
  const { t } = useTranslation("listings");
  const answer = useAnswer("listingOutcome");
  const { can } = useSession();
  const trade = useTradeFilters();
  const filters = useMemo<Filter[]>(
    () => [
      { id: "q", label: t("sku"), kind: "search", hint: t("skuHint") },
      ...trade,
      { id: "cause", label: t("answer"), kind: "hidden", named: (cause) => answer(answerOf(cause)) },
    ],
    [trade, t, answer],
  );
  const columns = useColumns();
  const table = useTable("listings", filters);
  const choices = useMemo(
    () => (["dead", "different", "all"] as const).map((value) => ({ value, label: t(value) })),
    [t],
  );
  const state = stateOf(table, choices);
  const found = useListings({ ...table.asked, ...(state !== "dead" && { state }) });
  const counts = useCounts(table.filters.shop, table.filters.channel);
  const causes = useMemo(
    () => (counts.data?.causes ?? []).map((each) => ({ id: each.cause, title: answer(each), items: each.items })),
    [counts.data, answer],
  );
  const first = {
    dead: { title: t("none"), hint: t("noneHint") },
    different: { title: t("noneDifferent") },
    all: { title: t("noneAtAll"), hint: t("noneAtAllHint") },
  }[state];
  return (
    <WorkList
      name="listings"
      title={t("title")}
      table={table}
      filters={filters}
      columns={columns}
      query={found}
      rowKey={keyOf}
      called={(row) => `${row.sku} ${row.shop}`}
      states={{ label: t("state"), choices, chosen: state }}
      causes={
        state === "dead"
          ? { label: t("causes"), id: "cause", all: t("allCauses"), found: causes, total: counts.data?.total ?? 0 }
          : undefined
      }
      redrive={can("listings.redrive") ? { label: t("redrive"), send: redrive } : undefined}
      all={ALL}
      fetchFile={fetchFile}
      first={first ?? { title: t("none") }}
      panel={(row, close, next) => <ListingPanel key={keyOf(row)} row={row} close={close} next={next} />}
    />
  );
}
