/** What is shown of an order in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { money } from "../../shared/format/format";
import { Time } from "../../shared/format/Time";
import { useReasons, useWord } from "../../shared/i18n/useWord";
import { Phase } from "../../shared/status/Phase";
import type { Column } from "../../shared/table/types";
import type { Order } from "./queries";

const LEFT = new Set(["SHIPPED", "CANCELLED", "ELSEWHERE"]);

export function useColumns(): Column<Order>[] {
  const { t } = useTranslation("orders");
  const word = useWord();
  const reasons = useReasons();
  return useMemo(
    () => [
      { id: "no", title: t("no"), fixed: true, cell: (order) => <span className="num">{order.order_no}</span> },
      { id: "channel", title: t("channel"), cell: (order) => word("channel", order.channel) },
      { id: "shop", title: t("shop"), cell: (order) => <span className="nowrap">{order.shop}</span> },
      { id: "status", title: t("status"), cell: (order) => order.status && <Phase phase={order.status} /> },
      { id: "warehouses", title: t("warehouses"), cell: (order) => order.warehouses.join(t("comma")) },
      { id: "total", title: t("total"), end: true, cell: (order) => money(order.total_minor, order.currency) },
      { id: "placed", title: t("placed"), cell: (order) => <Time at={order.placed_at} exact /> },
      {
        id: "due",
        title: t("due"),
        cell: (order) => order.ship_by && <Due at={order.ship_by} left={LEFT.has(order.status ?? "")} />,
      },
      { id: "place", title: t("place"), cell: (order) => [order.province, order.city].filter(Boolean).join(" ") },
      { id: "reason", title: t("reason"), spare: true, cell: (order) => order.reason && reasons(order.reason) },
      { id: "platform", title: t("platform"), spare: true, cell: (order) => word("platform", order.platform_status) },
      {
        id: "paid",
        title: t("paid"),
        spare: true,
        cell: (order) => order.paid_at && <Time at={order.paid_at} exact />,
      },
      {
        id: "changed",
        title: t("changed"),
        spare: true,
        cell: (order) => order.changed_at && <Time at={order.changed_at} />,
      },
      { id: "id", title: t("id"), spare: true, cell: (order) => <code>{order.order_id}</code> },
    ],
    [t, word, reasons],
  );
}
