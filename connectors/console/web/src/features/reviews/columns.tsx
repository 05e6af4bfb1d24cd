/** What is shown of an item in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Status, type Tone } from "../../shared/status/Status";
import type { Column } from "../../shared/table/types";
import type { Row } from "./queries";

const TONES: Record<string, Tone> = { open: "warn", resubmitted: "ok", discarded: "off", superseded: "off" };

export function useColumns(): Column<Row>[] {
  const { t } = useTranslation("reviews");
  const word = useWord();
  return useMemo(
    () => [
      {
        id: "no",
        title: t("no"),
        fixed: true,
        cell: (row) => <span className="num">{row.order_no || row.record}</span>,
      },
      { id: "why", title: t("why"), cell: (row) => row.codes.map((code) => word("code", code)).join(t("comma")) },
      { id: "channel", title: t("channel"), wide: true, cell: (row) => word("channel", row.channel) },
      { id: "shop", title: t("shop"), wide: true, cell: (row) => <span className="nowrap">{row.shop}</span> },
      { id: "received", title: t("received"), cell: (row) => <Time at={row.received_at} /> },
      {
        id: "state",
        title: t("state"),
        spare: true,
        cell: (row) => <Status tone={TONES[row.state] ?? "off"}>{word("review", row.state)}</Status>,
      },
      { id: "by", title: t("by"), spare: true, cell: (row) => row.state_by },
      { id: "record", title: t("record"), spare: true, cell: (row) => <code>{row.record}</code> },
    ],
    [t, word],
  );
}
