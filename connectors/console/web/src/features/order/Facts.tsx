/** What the platform says of the order. */
import { useTranslation } from "react-i18next";
import { CopyId } from "../../shared/copy/CopyId";
import { money } from "../../shared/format/format";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import type { Story } from "./queries";

export function Facts({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const word = useWord();
  const times = [
    ["placed", order.placed_at],
    ["paid", order.paid_at],
    ["notBefore", order.not_before],
    ["shipBy", order.ship_by],
    ["received", order.received_at],
  ] as const;
  return (
    <section className="panel" aria-labelledby="facts">
      <h2 id="facts">{t("facts")}</h2>
      <dl className="facts">
        <dt>{t("platformStatus")}</dt>
        <dd>
          {word("platform", order.platform_status)}
          {order.hold_reason && ` · ${word("code", order.hold_reason)}`}
        </dd>
        <dt>{t("total")}</dt>
        <dd className="num">{money(order.total_minor, order.currency)}</dd>
        {order.collect_minor !== null && (
          <>
            <dt>{t("collect")}</dt>
            <dd className="num">{money(order.collect_minor, order.currency)}</dd>
          </>
        )}
        {times.map(([name, at]) => at && <Fact key={name} label={t(name)} at={at} />)}
        <dt>{t("source")}</dt>
        <dd>
          <CopyId id={`${order.source_topic}/${order.source_partition} ${order.source_offset}`} />
        </dd>
        <dt>{t("command")}</dt>
        <dd>
          <CopyId id={`penstock order show ${order.order_id}`} />
        </dd>
      </dl>
    </section>
  );
}

function Fact({ label, at }: { label: string; at: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Time at={at} exact />
      </dd>
    </>
  );
}
