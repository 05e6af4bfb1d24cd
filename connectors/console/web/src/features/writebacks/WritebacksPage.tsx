/** Dead writebacks: parcels that left and whose platform does not know, the most urgent first. */
import { lazy, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { WorkList } from "../../shared/desk/WorkList";
import { useWord } from "../../shared/i18n/useWord";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { ALL, fetchFile, keyOf, redrive, useCounts, useDead } from "./queries";

/** Comes when the first is opened. */
const DeadPanel = lazy(() => import("./DeadPanel"));

export default function WritebacksPage() {
  const { t } = useTranslation("writebacks");
  const word = useWord();
  const { can } = useSession();
  const trade = useTradeFilters();
  const filters = useMemo<Filter[]>(
    () => [...trade, { id: "outcome", label: t("outcome"), kind: "hidden", named: (code) => word("outcome", code) }],
    [trade, t, word],
  );
  const columns = useColumns();
  const table = useTable("writebacks", filters);
  const dead = useDead(table.asked);
  const counts = useCounts(table.filters.shop, table.filters.channel);
  const found = useMemo(
    () =>
      (counts.data?.outcomes ?? []).flatMap((each) =>
        each.outcome ? [{ id: each.outcome, title: word("outcome", each.outcome), items: each.parcels }] : [],
      ),
    [counts.data, word],
  );
  const again = {
    label: t("redrive"),
    send: (row: Parameters<typeof redrive>[0], because: string, key: string) =>
      redrive(row, { carrier: "", tracking_no: "", because }, key),
  };
  return (
    <WorkList
      name="writebacks"
      title={t("title")}
      table={table}
      filters={filters}
      columns={columns}
      query={dead}
      rowKey={keyOf}
      called={(row) => row.tracking_no || row.shipment_id}
      causes={{ label: t("causes"), id: "outcome", all: t("all"), found, total: counts.data?.total ?? 0 }}
      redrive={can("writebacks.redrive") ? again : undefined}
      all={ALL}
      fetchFile={fetchFile}
      first={{ title: t("none"), hint: t("noneHint") }}
      panel={(row, close, next) => <DeadPanel key={keyOf(row)} dead={row} close={close} next={next} />}
    />
  );
}
