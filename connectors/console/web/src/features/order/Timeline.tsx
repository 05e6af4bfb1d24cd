/** Everything that happened to the order, newest first, each with the record that tells of it. */
import { useTranslation } from "react-i18next";
import { moment } from "../../shared/format/format";
import { useAnyWord, useReasons, useWord } from "../../shared/i18n/useWord";
import type { Story } from "./queries";

export function Timeline({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const word = useWord();
  const any = useAnyWord();
  const reasons = useReasons();
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">{t("timeline")}</h2>
      <ol className="timeline">
        {order.events.map((event) => (
          <li key={`${event.topic}/${event.partition}/${event.offset}/${event.about}`}>
            <div>
              <strong>{word("kind", event.kind)}</strong> {event.status && any(event.status)}
            </div>
            {event.reason && <div>{reasons(event.reason)}</div>}
            {event.done_by && <div>{t("doneBy", { who: event.done_by })}</div>}
            <div className="muted num">
              <time dateTime={event.at}>{moment(event.at)}</time>
              <code title={event.about ?? undefined}>{`${event.topic}/${event.partition} ${event.offset}`}</code>
            </div>
          </li>
        ))}
      </ol>
      {order.more_events && <p className="muted">{t("moreEvents", { count: order.events.length })}</p>}
    </section>
  );
}
