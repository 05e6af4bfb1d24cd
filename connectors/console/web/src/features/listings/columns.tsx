/** What is shown of a shop's entry in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { useAnswer } from "../../shared/i18n/useAnswer";
import { useWord } from "../../shared/i18n/useWord";
import { Shown } from "../../shared/status/Shown";
import type { Column } from "../../shared/table/types";
import type { Row } from "./queries";
import { Difference, Units } from "./Units";

/** What it was last seen to show, or else is known to. */
export function shows(row: Row): number | null {
  return row.seen ?? row.told;
}

export function useColumns(): Column<Row>[] {
  const { t } = useTranslation("listings");
  const word = useWord();
  const answer = useAnswer("listingOutcome");
  return useMemo(
    () => [
      { id: "sku", title: t("sku"), fixed: true, cell: (row) => <code>{row.sku}</code> },
      { id: "channel", title: t("channel"), cell: (row) => word("channel", row.channel) },
      { id: "shop", title: t("shop"), wide: true, cell: (row) => <span className="nowrap">{row.shop}</span> },
      { id: "wanted", title: t("wanted"), end: true, cell: (row) => <Units units={row.wanted} /> },
      { id: "shows", title: t("shows"), end: true, cell: (row) => <Units units={shows(row)} /> },
      {
        id: "difference",
        title: t("difference"),
        end: true,
        cell: (row) => {
          const shown = shows(row);
          return shown === null || row.wanted === null ? null : <Difference units={shown - row.wanted} />;
        },
      },
      { id: "phase", title: t("phase"), cell: (row) => <Shown phase={row.phase} /> },
      {
        id: "answer",
        title: t("answer"),
        wide: true,
        cell: (row) => (row.phase !== "SHOWN" && (row.outcome || row.code) ? answer(row) : ""),
      },
      { id: "changed", title: t("changed"), wide: true, cell: (row) => <Time at={row.changed_at} /> },
      {
        id: "sale",
        title: t("sale"),
        spare: true,
        cell: (row) => (row.open ? t("open") : t("closed")),
      },
      { id: "item", title: t("item"), spare: true, cell: (row) => <code>{row.item}</code> },
      { id: "variant", title: t("variant"), spare: true, cell: (row) => <code>{row.variant}</code> },
      { id: "location", title: t("location"), spare: true, cell: (row) => <code>{row.location}</code> },
    ],
    [t, word, answer],
  );
}
