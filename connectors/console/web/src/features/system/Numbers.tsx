/** What should be nought, and what should be running. */
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { useSession } from "../../api/session";
import { count, span } from "../../shared/format/format";
import { Figure } from "../../shared/status/Figure";

export function Numbers({ system }: { system: Schema["System"] }) {
  const { t } = useTranslation("system");
  const { can } = useSession();
  const open = Object.values(system.writebacks).reduce((sum, each) => sum + each, 0);
  return (
    <div className="figures">
      <Figure
        label={t("brokers")}
        value={system.brokers.length}
        hint={system.brokers.join(" ")}
        tone={system.brokers.length ? "ok" : "bad"}
      />
      <Figure
        label={t("workers")}
        value={system.workers}
        tone={system.workers ? "ok" : "bad"}
        hint={system.workers ? "" : t("noWorkers")}
      />
      <Figure
        label={t("review")}
        value={count(system.review_backlog)}
        hint={system.review_backlog > 0 && t("oldest", { span: span(system.review_oldest_s) })}
        href={can("review.read") ? "/reviews" : undefined}
      />
      <Figure
        label={t("writebacks")}
        value={count(open)}
        hint={t("near", { count: system.writebacks_near })}
        tone={system.writebacks_near ? "warn" : "ok"}
        href={can("writebacks.read") ? "/writebacks" : undefined}
      />
      <Figure label={t("quarantined")} value={count(system.quarantined)} tone={system.quarantined ? "warn" : "ok"} />
      <Figure label={t("refused")} value={count(system.sink_refused)} tone={system.sink_refused ? "warn" : "ok"} />
      <Figure label={t("oversold")} value={count(system.oversold)} tone={system.oversold ? "bad" : "ok"} />
    </div>
  );
}
