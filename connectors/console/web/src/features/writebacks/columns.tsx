/** What is shown of a dead parcel in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Status } from "../../shared/status/Status";
import type { Column } from "../../shared/table/types";
import type { Dead } from "./queries";

export function useColumns(): Column<Dead>[] {
  const { t } = useTranslation("writebacks");
  const word = useWord();
  return useMemo(
    () => [
      {
        id: "tracking",
        title: t("tracking"),
        fixed: true,
        cell: (row) => <span className="num">{row.tracking_no || row.shipment_id}</span>,
      },
      {
        id: "outcome",
        title: t("outcome"),
        cell: (row) => <Status tone="bad">{row.outcome ? word("outcome", row.outcome) : t("unnamed")}</Status>,
      },
      { id: "due", title: t("due"), cell: (row) => <Due at={row.ship_by} left={false} /> },
      { id: "channel", title: t("channel"), wide: true, cell: (row) => word("channel", row.channel) },
      { id: "shop", title: t("shop"), wide: true, cell: (row) => <span className="nowrap">{row.shop}</span> },
      { id: "carrier", title: t("carrier"), wide: true, cell: (row) => row.carrier },
      { id: "requests", title: t("requests"), wide: true, end: true, cell: (row) => row.requests },
      { id: "order", title: t("order"), spare: true, cell: (row) => <code>{row.order_id}</code> },
      { id: "warehouse", title: t("warehouse"), spare: true, cell: (row) => row.warehouse },
      { id: "shipped", title: t("shipped"), spare: true, cell: (row) => <Time at={row.shipped_at} exact /> },
    ],
    [t, word],
  );
}
