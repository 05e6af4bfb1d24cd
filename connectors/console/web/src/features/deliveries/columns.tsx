/** What is shown of a delivery order in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useAnswer } from "../../shared/i18n/useAnswer";
import { useWord } from "../../shared/i18n/useWord";
import { Delivery } from "../../shared/status/Delivery";
import type { Column } from "../../shared/table/types";
import type { Row } from "./queries";

const ENDED = ["SHIPPED", "CANCELLED", "ELSEWHERE", "ABANDONED"];

export function useColumns(): Column<Row>[] {
  const { t } = useTranslation("deliveries");
  const word = useWord();
  const answer = useAnswer("deliveryOutcome");
  return useMemo(
    () => [
      { id: "delivery", title: t("delivery"), fixed: true, cell: (row) => <code>{row.delivery_id}</code> },
      { id: "phase", title: t("phase"), cell: (row) => <Delivery phase={row.phase} /> },
      {
        id: "answer",
        title: t("answer"),
        wide: true,
        cell: (row) => <span className="nowrap">{row.outcome || row.code ? answer(row) : ""}</span>,
      },
      {
        id: "due",
        title: t("due"),
        wide: true,
        cell: (row) => <Due at={row.ship_by} left={ENDED.includes(row.phase)} />,
      },
      { id: "warehouse", title: t("warehouse"), wide: true, cell: (row) => row.warehouse },
      { id: "progress", title: t("progress"), spare: true, cell: (row) => row.progress },
      { id: "channel", title: t("channel"), wide: true, cell: (row) => word("channel", row.channel) },
      { id: "shop", title: t("shop"), wide: true, cell: (row) => <span className="nowrap">{row.shop}</span> },
      { id: "changed", title: t("changed"), wide: true, cell: (row) => <Time at={row.changed_at} /> },
      { id: "attempt", title: t("attempt"), spare: true, end: true, cell: (row) => row.attempt },
      { id: "order", title: t("order"), spare: true, cell: (row) => <code>{row.order_id}</code> },
    ],
    [t, word, answer],
  );
}
