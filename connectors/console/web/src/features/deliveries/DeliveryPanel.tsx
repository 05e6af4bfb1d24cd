/** One delivery order: what its warehouse's system answered, every step, and telling it again. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Panel } from "../../shared/desk/Panel";
import { Redrive } from "../../shared/desk/Redrive";
import { Steps } from "../../shared/desk/Steps";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useAnswer } from "../../shared/i18n/useAnswer";
import { useWord } from "../../shared/i18n/useWord";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { Delivery } from "../../shared/status/Delivery";
import { ALL, keyOf, LISTS, REDRIVABLE, type Row, redrive, useSteps } from "./queries";

interface Props {
  row: Row;
  close: () => void;
  next: () => void;
}

export default function DeliveryPanel({ row, close, next }: Props) {
  const { t } = useTranslation("deliveries");
  const word = useWord();
  const answer = useAnswer("deliveryOutcome");
  const { can } = useSession();
  return (
    <Panel title={<code>{row.delivery_id}</code>} close={close}>
      <section>
        <Delivery phase={row.phase} />
        {(row.outcome || row.reason) && (
          <ul className="reasons">
            <li>
              <strong>{answer(row)}</strong>
              <div>{row.reason}</div>
            </li>
          </ul>
        )}
      </section>
      <section>
        <dl className="facts">
          <dt>{t("order")}</dt>
          <dd>
            <Link to="/orders/$id" params={{ id: row.order_id }}>
              {row.order_id}
            </Link>
          </dd>
          <dt>{t("channel")}</dt>
          <dd>
            {word("channel", row.channel)} · {row.shop}
          </dd>
          <dt>{t("warehouse")}</dt>
          <dd>{row.warehouse}</dd>
          {row.progress && (
            <>
              <dt>{t("progress")}</dt>
              <dd>{row.progress}</dd>
            </>
          )}
          <dt>{t("due")}</dt>
          <dd>
            <Due at={row.ship_by} left={false} />
          </dd>
          <dt>{t("attempt")}</dt>
          <dd className="num">{row.attempt}</dd>
          {row.next_at && (
            <>
              <dt>{t("next")}</dt>
              <dd>
                <Time at={row.next_at} exact />
              </dd>
            </>
          )}
        </dl>
      </section>
      {can("deliveries.redrive") && REDRIVABLE.includes(row.phase) && (
        <Redrive<Row>
          label={t("redrive")}
          fields={[{ name: "because", label: t("because"), hint: t("becauseHint") }]}
          send={(told, key) => redrive(row, told.because ?? "", key)}
          lists={LISTS}
          all={ALL}
          isRow={(each) => keyOf(each) === keyOf(row)}
          next={next}
        />
      )}
      <Told row={row} />
    </Panel>
  );
}

/** Every request, answer, report and decision. */
function Told({ row }: { row: Row }) {
  const { t } = useTranslation("deliveries");
  const steps = useSteps(row.order_id);
  if (steps.isError) return <Failed error={steps.error} retry={() => void steps.refetch()} />;
  if (!steps.data) return <Waiting rows={3} />;
  const told = steps.data.rows.find(({ delivery_id }) => delivery_id === row.delivery_id)?.steps ?? [];
  const shown = told.map((step) => ({
    ...step,
    about: step.request_id,
    reason: [step.code, step.reason].filter(Boolean).join(" · "),
  }));
  return (
    <section>
      <h3>{t("steps")}</h3>
      <Steps steps={shown} />
      {steps.data.more_steps && <p className="muted">{t("moreSteps")}</p>}
    </section>
  );
}
