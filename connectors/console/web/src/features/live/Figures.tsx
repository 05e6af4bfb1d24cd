/** The day's numbers against what they should be. */
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { ago, count, share, span } from "../../shared/format/format";
import { useNow } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Figure } from "../../shared/status/Figure";
import type { Second } from "./useLive";

/** The mission's own: of orders, decided within thirty minutes on average. */
const MEAN_TARGET_S = 1_800;

export function Figures({ now }: { now: Second }) {
  const { t } = useTranslation("live");
  const word = useWord();
  const { can } = useSession();
  const clock = useNow();
  const { kpi } = now;
  const minute = now.channels.reduce((sum, channel) => sum + channel.last_minute, 0);
  const orders = (query: string) => (can("orders.read") ? `/orders${query}` : undefined);
  return (
    <div className="figures">
      <Figure label={t("inflow")} value={count(minute)} hint={t("perMinute")} href={orders("")} />
      <Figure
        label={t("allocated")}
        value={kpi.decided > 0 ? share(kpi.allocated / kpi.decided) : t("none")}
        hint={t("ofDecided", { count: kpi.decided, span: span(kpi.window_s) })}
        href={orders("?status=ALLOCATED")}
      />
      <Figure
        label={t("mean")}
        value={kpi.mean_s === null ? t("none") : span(kpi.mean_s)}
        hint={t("target", { span: span(MEAN_TARGET_S) })}
        tone={(kpi.mean_s ?? 0) > MEAN_TARGET_S ? "warn" : "ok"}
      />
      <Figure
        label={t("review")}
        value={count(now.review_open)}
        hint={now.review_oldest && t("since", { ago: ago(now.review_oldest, clock) })}
        href={can("review.read") ? "/reviews" : undefined}
      />
      {now.waiting.map((each) => (
        <Figure
          key={each.status}
          label={word("phase", each.status)}
          value={count(each.orders)}
          hint={t("since", { ago: ago(each.oldest, clock) })}
          href={orders(`?status=${each.status}`)}
        />
      ))}
    </div>
  );
}
