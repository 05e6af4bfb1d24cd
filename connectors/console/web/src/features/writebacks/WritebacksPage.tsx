/** Dead writebacks: parcels that left and whose platform does not know, the most urgent first. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Bulk } from "../../shared/bulk/Bulk";
import { Causes } from "../../shared/desk/Causes";
import { Desk } from "../../shared/desk/Desk";
import { following } from "../../shared/desk/following";
import { useWord } from "../../shared/i18n/useWord";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import { Export } from "../../shared/table/Export";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { DeadPanel } from "./DeadPanel";
import { ALL, fetchFile, keyOf, redrive, useCounts, useDead } from "./queries";

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
  const { item, outcome } = table.search;
  const rows = dead.data?.rows ?? [];
  const opened = rows.find((row) => keyOf(row) === item);
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  // Of one cause, so that one deed fits them all.
  const chosen = outcome && can("writebacks.redrive") ? { keys, set: setKeys } : undefined;
  const named = new Map(
    rows.filter((row) => keys.has(keyOf(row))).map((row) => [keyOf(row), row.tracking_no || row.shipment_id]),
  );
  const open = (key: string | undefined) => table.put({ item: key });
  const next = () => {
    const row = following(rows, (each) => keyOf(each) === item);
    open(row && keyOf(row));
  };
  const causes = useMemo(() => {
    const all = { id: "", title: t("all"), items: counts.data?.total ?? 0 };
    const by = (counts.data?.outcomes ?? []).flatMap((each) =>
      each.outcome ? [{ id: each.outcome, title: word("outcome", each.outcome), items: each.parcels }] : [],
    );
    return [all, ...by];
  }, [counts.data, t, word]);
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
      </header>
      <Behind seconds={dead.data?.behind_s} asOf={dead.data?.as_of} />
      <Desk
        causes={
          <Causes
            label={t("causes")}
            causes={causes}
            chosen={outcome ?? ""}
            choose={(id) => table.set({ outcome: id || undefined })}
          />
        }
        list={
          <DataTable
            label={t("title")}
            table={table}
            columns={columns}
            filters={filters}
            query={dead}
            rowKey={keyOf}
            choice={chosen}
            bulk={
              <Bulk
                rows={named}
                all={ALL}
                clear={() => setKeys(new Set())}
                deeds={[
                  {
                    label: t("redrive"),
                    send: (key, because, id) => {
                      const row = rows.find((each) => keyOf(each) === key);
                      if (!row) return Promise.reject(new Error(t("gone")));
                      return redrive(row, { carrier: "", tracking_no: "", because }, id);
                    },
                  },
                ]}
              />
            }
            onOpen={(row) => open(keyOf(row))}
            opened={opened && item}
            extra={<Export name="writebacks" fetch={() => fetchFile(table.filters)} />}
            first={{ title: t("none"), hint: t("noneHint") }}
          />
        }
        panel={opened && <DeadPanel key={item} dead={opened} close={() => open(undefined)} next={next} />}
      />
    </>
  );
}
