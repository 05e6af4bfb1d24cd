/** One item: every reason with its remedy, the event as it came, and what is done about it. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { CopyId } from "../../shared/copy/CopyId";
import { Panel } from "../../shared/desk/Panel";
import { moment } from "../../shared/format/format";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { Bytes } from "./Bytes";
import { Deeds } from "./Deeds";
import { type Item, useItem, useOriginal } from "./queries";
import { Reasons } from "./Reasons";

export default function ItemPanel({ record, close, next }: { record: string; close: () => void; next: () => void }) {
  const { t } = useTranslation("reviews");
  const item = useItem(record);
  const title = item.data ? item.data.order_no || record : t("item");
  return (
    <Panel title={title} close={close}>
      {item.isError ? (
        <Failed error={item.error} retry={() => void item.refetch()} />
      ) : item.data ? (
        <Opened item={item.data} next={next} />
      ) : (
        <Waiting />
      )}
    </Panel>
  );
}

function Opened({ item, next }: { item: Item; next: () => void }) {
  const { t } = useTranslation("reviews");
  const word = useWord();
  const { can } = useSession();
  const original = useOriginal(item.record);
  return (
    <>
      <section>
        <Reasons reasons={item.reasons} />
      </section>
      <section>
        <dl className="facts">
          <dt>{t("channel")}</dt>
          <dd>
            {word("channel", item.channel)} · {item.shop}
          </dd>
          <dt>{t("received")}</dt>
          <dd>
            <Time at={item.received_at} exact />
          </dd>
          {item.event && (
            <>
              <dt>{t("kind")}</dt>
              <dd>
                {item.event.kind} · {item.event.content_type}
              </dd>
              <dt>{t("occurred")}</dt>
              <dd>
                <Time at={item.event.occurred_at} exact />
              </dd>
            </>
          )}
          <dt>{t("source")}</dt>
          <dd>
            <CopyId id={`${item.source_topic}/${item.source_partition} ${item.source_offset}`} />
          </dd>
          <dt>{t("order")}</dt>
          <dd>
            <Link to="/orders/$id" params={{ id: item.order_id }}>
              {item.order_id}
            </Link>
          </dd>
        </dl>
      </section>
      {item.event && can("orders.pii") && <Bytes original={original} size={item.event.payload_bytes} />}
      {item.trail.length > 0 && (
        <section>
          <h3>{t("trail")}</h3>
          <ol className="timeline">
            {item.trail.map((step) => (
              <li key={step.entry_id}>
                {word("review", step.action.replace("review.", ""))} · {step.done_by}
                <div>{step.reason}</div>
                <div className="muted num">{moment(step.at)}</div>
              </li>
            ))}
          </ol>
        </section>
      )}
      {can("review.fix") && item.state === "open" && item.event && (
        <Deeds item={item} text={original.data?.text} next={next} />
      )}
    </>
  );
}
