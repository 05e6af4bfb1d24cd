/** What flows ask of persons: approvals and holds, the most urgent first, until somebody has answered each. */
import { Segmented } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Bulk } from "../../shared/bulk/Bulk";
import { Causes } from "../../shared/desk/Causes";
import { Desk } from "../../shared/desk/Desk";
import { following } from "../../shared/desk/following";
import { count } from "../../shared/format/format";
import { useCause } from "../../shared/i18n/useCause";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import { Export } from "../../shared/table/Export";
import { useTable } from "../../shared/table/useTable";
import type { Search } from "../../shared/url/search";
import { orderNo, useColumns } from "./columns";
import { useFilters } from "./filters";
import { ALL, answer, claim, fetchFile, fetchTask, useCounts, useTasks, type Verb } from "./queries";

/** Comes when the first is opened. */
const TaskPanel = lazy(() => import("./TaskPanel"));
/** Of what is asked, as the address has it. */
const NO_CAUSE = { kind: undefined, role: undefined, reason: undefined };
const FIRST = {
  open: ["none", "noneHint"],
  mine: ["noneMine", "noneMineHint"],
  ended: ["noneEnded", undefined],
} as const;

export default function TasksPage() {
  const { t } = useTranslation("tasks");
  const cause = useCause();
  const { can } = useSession();
  const filters = useFilters();
  const table = useTable("tasks", filters);
  const { item, kind, role, reason } = table.search;
  const state = table.search.state === "mine" || table.search.state === "ended" ? table.search.state : "open";
  const columns = useColumns(state === "ended");
  const view: Search = state === "open" ? {} : { state };
  const tasks = useTasks({ ...table.asked, ...view });
  const counts = useCounts(table.filters.shop, table.filters.channel);
  const rows = tasks.data?.rows ?? [];
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  // Of one kind, so that one word fits them all.
  const chosen = kind && state !== "ended" && can("tasks.answer") ? { keys, set: setKeys } : undefined;
  const named = new Map(rows.filter((row) => keys.has(row.task_id)).map((row) => [row.task_id, orderNo(row)]));
  const open = (task: string | undefined) => table.put({ item: task });
  const next = () => open(following(rows, (row) => row.task_id === item)?.task_id);
  const [causes, asked] = useMemo(() => {
    const found = counts.data?.causes ?? [];
    const all = { id: "", title: t("all"), items: counts.data?.total ?? 0 };
    const by = found.map((each, at) => ({ id: String(at), title: cause(each), items: each.tasks }));
    return [[all, ...by], found];
  }, [counts.data, t, cause]);
  const at = asked.findIndex(
    (each) => each.kind === kind && each.role === (role ?? "") && each.reason === (reason ?? ""),
  );
  const choose = (id: string) => {
    const each = id ? asked[Number(id)] : undefined;
    setKeys(new Set());
    table.set(
      each ? { kind: each.kind, role: each.role || undefined, reason: each.reason || undefined } : { ...NO_CAUSE },
    );
  };
  const deed = (verb: Verb, label: string) => ({
    label,
    foresee: async (task: string) => (await fetchTask(task)).why_not[verb] ?? t("would"),
    send: (task: string, because: string, key: string) => answer(verb, task, because, key),
  });
  const mine = counts.data?.mine ?? 0;
  const [none, hint] = FIRST[state];
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        <Segmented
          aria-label={t("view")}
          value={state}
          onChange={(value) => {
            setKeys(new Set());
            table.set({ state: value === "open" ? undefined : value, item: undefined, ...NO_CAUSE });
          }}
          options={[
            { value: "open", label: t("open") },
            { value: "mine", label: mine > 0 ? `${t("mine")} ${count(mine)}` : t("mine") },
            { value: "ended", label: t("ended") },
          ]}
        />
        {counts.data && (
          <span className="muted">
            {counts.data.roles.length > 0
              ? t("roles", { roles: counts.data.roles.join(t("comma")) })
              : can("tasks.answer") && t("noRoles")}
          </span>
        )}
      </header>
      <Behind seconds={tasks.data?.behind_s} asOf={tasks.data?.as_of} />
      <Desk
        causes={
          state !== "ended" && (
            <Causes label={t("causes")} causes={causes} chosen={at < 0 ? "" : String(at)} choose={choose} />
          )
        }
        list={
          <DataTable
            label={t("title")}
            table={table}
            columns={columns}
            filters={filters}
            query={tasks}
            rowKey={(row) => row.task_id}
            choice={chosen}
            bulk={
              <Bulk
                rows={named}
                all={ALL}
                clear={() => setKeys(new Set())}
                deeds={[
                  deed("approve", t(kind === "HOLD" ? "release" : "approve")),
                  ...(kind === "HOLD" ? [] : [deed("refuse", t("refuse"))]),
                  { label: t("claim"), send: (task, _because, key) => claim(task, key) },
                ]}
              />
            }
            onOpen={(row) => open(row.task_id)}
            opened={item}
            extra={<Export name="tasks" fetch={() => fetchFile({ ...table.filters, ...view })} />}
            first={hint ? { title: t(none), hint: t(hint) } : { title: t(none) }}
          />
        }
        panel={
          item && (
            <Suspense>
              <TaskPanel key={item} task={item} close={() => open(undefined)} next={next} />
            </Suspense>
          )
        }
      />
    </>
  );
}
