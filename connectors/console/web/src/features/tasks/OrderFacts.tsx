/** The order that a person decides about, of whom nothing personal. */
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { money } from "../../shared/format/format";
import { useReasons } from "../../shared/i18n/useWord";
import { Phase } from "../../shared/status/Phase";
import type { Item } from "./queries";

const LEFT = new Set(["SHIPPED", "CANCELLED", "ELSEWHERE"]);

export function OrderFacts({ order }: { order: NonNullable<Item["order"]> }) {
  const { t } = useTranslation("tasks");
  const reasons = useReasons();
  return (
    <>
      <dt>{t("orderStands")}</dt>
      <dd>
        {order.status && <Phase phase={order.status} />}
        {order.reason && <div>{reasons(order.reason)}</div>}
      </dd>
      <dt>{t("total")}</dt>
      <dd className="num">{money(order.total_minor, order.currency)}</dd>
      <dt>{t("goods")}</dt>
      <dd>
        {order.lines.map((line) => (
          <div key={`${line.sku} ${line.title}`}>
            {t("goodsOf", { title: line.title || line.sku, quantity: line.quantity })} <code>{line.sku}</code>
          </div>
        ))}
      </dd>
      <dt>{t("place")}</dt>
      <dd>{[order.province, order.city].filter(Boolean).join(" ") || order.country}</dd>
      {order.ship_by && (
        <>
          <dt>{t("shipBy")}</dt>
          <dd>
            <Due at={order.ship_by} left={LEFT.has(order.status ?? "")} />
          </dd>
        </>
      )}
    </>
  );
}
