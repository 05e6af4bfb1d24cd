/** What is shown of a task in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useCause } from "../../shared/i18n/useCause";
import { useWord } from "../../shared/i18n/useWord";
import { TaskState } from "../../shared/status/TaskState";
import type { Column } from "../../shared/table/types";
import type { Row } from "./queries";

/** Without the channel, which has a column of its own. */
export function orderNo(row: Pick<Row, "order_id">): string {
  return row.order_id.slice(row.order_id.indexOf(":") + 1);
}

export function useColumns(ended: boolean): Column<Row>[] {
  const { t } = useTranslation("tasks");
  const word = useWord();
  const cause = useCause();
  return useMemo(() => {
    const open: Column<Row>[] = [
      {
        id: "due",
        title: t("due"),
        cell: (row) =>
          row.due_at ? (
            <Due at={row.due_at} left={row.state !== "OPEN"} />
          ) : (
            <span className="muted">{t("never")}</span>
          ),
      },
      { id: "claimed", title: t("claimed"), wide: true, cell: (row) => row.claimed_by },
    ];
    const over: Column<Row>[] = [
      { id: "stands", title: t("stands"), cell: (row) => <TaskState state={row.state} /> },
      { id: "answered", title: t("answered"), wide: true, cell: (row) => row.answered_by },
      { id: "ended", title: t("ended_at"), wide: true, cell: (row) => <Time at={row.at} /> },
    ];
    return [
      { id: "order", title: t("order"), fixed: true, cell: (row) => <span className="num">{orderNo(row)}</span> },
      { id: "what", title: t("what"), cell: cause },
      ...(ended ? over : open),
      { id: "opened", title: t("opened"), wide: true, cell: (row) => <Time at={row.opened_at} /> },
      { id: "channel", title: t("channel"), wide: true, cell: (row) => word("channel", row.channel) },
      { id: "shop", title: t("shop"), wide: true, cell: (row) => <span className="nowrap">{row.shop}</span> },
      {
        id: "flow",
        title: t("flow"),
        spare: true,
        cell: (row) => <code>{`${row.document}@${row.flow_version} ${row.node}`}</code>,
      },
      { id: "task", title: t("task"), spare: true, cell: (row) => <code>{row.task_id}</code> },
    ];
  }, [t, word, cause, ended]);
}
