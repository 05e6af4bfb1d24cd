/** Which order, and where it stands. */
import { useTranslation } from "react-i18next";
import { CopyId } from "../../shared/copy/CopyId";
import { Time } from "../../shared/format/Time";
import { useReasons, useWord } from "../../shared/i18n/useWord";
import { Phase } from "../../shared/status/Phase";
import type { Story } from "./queries";

export function Head({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const word = useWord();
  const reasons = useReasons();
  return (
    <header className="page-head">
      <h1>{t("title", { no: order.order_no })}</h1>
      {order.status && <Phase phase={order.status} />}
      {order.reason && <span>{reasons(order.reason)}</span>}
      {order.changed_at && (
        <span className="muted">
          {t("since")} <Time at={order.changed_at} />
        </span>
      )}
      <span className="muted">
        {word("channel", order.channel)} · {order.shop}
      </span>
      <CopyId id={order.order_id} />
    </header>
  );
}
