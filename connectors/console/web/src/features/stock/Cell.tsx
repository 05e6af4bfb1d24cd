/** What a warehouse has of a SKU: what can be sold, and below it of what that is left. Sold out is said, not only coloured. */
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { count } from "../../shared/format/format";

export function Cell({ cell }: { cell: Schema["Cell"] | undefined }) {
  const { t } = useTranslation("stock");
  if (!cell) return <span className="muted">{t("nothing")}</span>;
  const values = { on_hand: count(cell.on_hand), reserved: count(cell.reserved), safety: count(cell.safety_stock) };
  const tone = cell.sellable > 0 ? "" : cell.open ? "stock-out" : "stock-shut";
  return (
    <span className={`stock-cell ${tone}`} title={t("details", values)}>
      <span>{cell.sellable > 0 ? count(cell.sellable) : cell.open ? t("soldOut") : t("shut")}</span>
      <small className="muted">{t("of", values)}</small>
    </span>
  );
}
