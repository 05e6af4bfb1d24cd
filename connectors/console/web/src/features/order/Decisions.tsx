/** How the order was decided, attempt by attempt, the newest first: every warehouse that was weighed, and why it was not taken. */
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { useAnyWord, useWord } from "../../shared/i18n/useWord";
import { Phase } from "../../shared/status/Phase";
import type { Decision, Story } from "./queries";
import { Round } from "./Round";

export function Decisions({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const units = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const newest = [...order.decisions].sort((a, b) => b.attempt - a.attempt);
  return (
    <section className="panel" aria-labelledby="decisions">
      <h2 id="decisions">{t("decisions")}</h2>
      {newest.length === 0 && <p className="muted">{t("undecided")}</p>}
      {newest.map((decision) => (
        <Attempt key={decision.attempt} decision={decision} units={units} />
      ))}
    </section>
  );
}

function Attempt({ decision, units }: { decision: Decision; units: number }) {
  const { t } = useTranslation("order");
  const any = useAnyWord();
  const word = useWord();
  return (
    <article className="attempt">
      <h3>
        {t("attempt", { count: decision.attempt })} <Phase phase={decision.decision} />
        <span className="muted">
          <Time at={decision.decided_at} exact />
        </span>
      </h3>
      {decision.reason && <p>{any(decision.reason)}</p>}
      {decision.parts.length > 0 && (
        <ul className="parts" aria-label={t("parts")}>
          {decision.parts.map((part) => (
            <li key={part.reservation_id} title={part.reservation_id}>
              {t("part", { warehouse: part.warehouse, sku: part.sku, count: part.quantity })}
            </li>
          ))}
        </ul>
      )}
      {decision.missing.length > 0 && (
        <ul className="parts parts-missing" aria-label={t("missing")}>
          {decision.missing.map(({ sku, shortfall }) => (
            <li key={sku}>{t("short", { sku, count: shortfall })}</li>
          ))}
        </ul>
      )}
      {decision.released_at && (
        <p>
          {word("kind", "AllocationReleased")} <Time at={decision.released_at} exact />
          {decision.released_because && t("because", { reason: any(decision.released_because) })}
        </p>
      )}
      {decision.trace.rounds.map((round) => (
        <Round key={round.round} round={round} units={units} alone={decision.trace.rounds.length === 1} />
      ))}
    </article>
  );
}
