/** The review queue: what no stage could read or believe, oldest first, until a person has looked at each. */
import { Segmented } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Bulk } from "../../shared/bulk/Bulk";
import { Causes } from "../../shared/desk/Causes";
import { Desk } from "../../shared/desk/Desk";
import { following } from "../../shared/desk/following";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import { Export } from "../../shared/table/Export";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { useFilters } from "./filters";
import { ALL, check, discard, fetchFile, fix, useCounts, useReviews } from "./queries";

/** Comes when the first is opened. */
const ItemPanel = lazy(() => import("./ItemPanel"));

export default function ReviewsPage() {
  const { t } = useTranslation("reviews");
  const word = useWord();
  const { can } = useSession();
  const columns = useColumns();
  const filters = useFilters();
  const table = useTable("reviews", filters);
  const reviews = useReviews(table.asked);
  const counts = useCounts(table.filters.shop, table.filters.channel);
  const { item, state, reason } = table.search;
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  // Of one cause, so that one deed fits them all.
  const chosen = reason && state !== "settled" && can("review.fix") ? { keys, set: setKeys } : undefined;
  const named = new Map(
    (reviews.data?.rows ?? [])
      .filter((row) => keys.has(row.record))
      .map((row) => [row.record, row.order_no || row.record]),
  );
  const open = (record: string | undefined) => table.put({ item: record });
  const causes = useMemo(() => {
    const all = { id: "", title: t("all"), items: counts.data?.total ?? 0 };
    return [
      all,
      ...(counts.data?.reasons ?? []).map(({ code, items }) => ({ id: code, title: word("code", code), items })),
    ];
  }, [counts.data, t, word]);
  const next = () => open(following(reviews.data?.rows ?? [], (row) => row.record === item)?.record);
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        {counts.data?.oldest && (
          <span className="muted">
            {t("oldest")} <Time at={counts.data.oldest} />
          </span>
        )}
        <Segmented
          aria-label={t("state")}
          value={state ?? "open"}
          onChange={(value) => table.set({ state: value === "open" ? undefined : value, item: undefined })}
          options={[
            { value: "open", label: t("open") },
            { value: "settled", label: t("settled") },
          ]}
        />
      </header>
      <Behind seconds={reviews.data?.behind_s} asOf={reviews.data?.as_of} />
      <Desk
        causes={
          <Causes
            label={t("causes")}
            causes={causes}
            chosen={reason ?? ""}
            choose={(id) => table.set({ reason: id || undefined })}
          />
        }
        list={
          <DataTable
            label={t("title")}
            table={table}
            columns={columns}
            filters={filters}
            query={reviews}
            rowKey={(row) => row.record}
            choice={chosen}
            bulk={
              <Bulk
                rows={named}
                all={ALL}
                clear={() => setKeys(new Set())}
                deeds={[
                  {
                    label: t("send"),
                    foresee: async (record) => (await check(record, {})).verdict,
                    send: (record, because, id) => fix(record, {}, because, id),
                  },
                  { label: t("discard"), send: discard },
                ]}
              />
            }
            onOpen={(row) => open(row.record)}
            opened={item}
            extra={<Export name="reviews" fetch={() => fetchFile(table.filters)} />}
            first={state === "settled" ? { title: t("noneSettled") } : { title: t("none"), hint: t("noneHint") }}
          />
        }
        panel={
          item && (
            <Suspense>
              <ItemPanel key={item} record={item} close={() => open(undefined)} next={next} />
            </Suspense>
          )
        }
      />
    </>
  );
}
