/** One task: what is asked, of whom, about which order, where each answer leads, and a person's own. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Fault } from "../../api/fault";
import { useSession } from "../../api/session";
import { Panel } from "../../shared/desk/Panel";
import { moment } from "../../shared/format/format";
import { useWord } from "../../shared/i18n/useWord";
import { Failed } from "../../shared/states/Failed";
import { Nothing } from "../../shared/states/Nothing";
import { Waiting } from "../../shared/states/Waiting";
import { TaskState } from "../../shared/status/TaskState";
import { Answers } from "./Answers";
import { Asked } from "./Asked";
import { orderNo } from "./columns";
import { OrderFacts } from "./OrderFacts";
import { type Item, useTask, useWays } from "./queries";

export default function TaskPanel({ task, close, next }: { task: string; close: () => void; next: () => void }) {
  const { t } = useTranslation("tasks");
  const item = useTask(task);
  return (
    <Panel title={item.data ? orderNo(item.data) : t("task_title")} close={close}>
      {item.error instanceof Fault && item.error.status === 404 ? (
        <Nothing kind="match" title={t("gone")} hint={t("goneHint")} />
      ) : item.isError ? (
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
  const { t } = useTranslation("tasks");
  const word = useWord();
  const { can } = useSession();
  return (
    <>
      <section className="asked">
        <p>
          <strong>{word("taskKind", item.kind)}</strong> <TaskState state={item.state} />
        </p>
        <Asked item={item} />
      </section>
      <section>
        <dl className="facts">
          <dt>{t("order")}</dt>
          <dd>
            {can("orders.read") ? (
              <Link to="/orders/$id" params={{ id: item.order_id }}>
                {item.order_id}
              </Link>
            ) : (
              item.order_id
            )}
          </dd>
          <dt>{t("channel")}</dt>
          <dd>
            {word("channel", item.channel)} · {item.shop}
          </dd>
          {item.order ? <OrderFacts order={item.order} /> : null}
        </dl>
        {!item.order && <p className="muted">{t("noOrder")}</p>}
      </section>
      {item.state === "OPEN" && <Ways task={item.task_id} />}
      {item.trail.length > 0 && (
        <section>
          <h3>{t("trail")}</h3>
          <ol className="timeline">
            {item.trail.map((step) => (
              <li key={step.entry_id}>
                {word("action", step.action)} · {step.done_by}
                <div>{step.reason}</div>
                <div className="muted num">{moment(step.at)}</div>
              </li>
            ))}
          </ol>
        </section>
      )}
      {item.state === "OPEN" && can("tasks.answer") && <Answers item={item} next={next} />}
    </>
  );
}

/** What is not there because Kafka is away is no reason to show nothing else. */
function Ways({ task }: { task: string }) {
  const { t } = useTranslation("tasks");
  const word = useWord();
  const ways = useWays(task);
  if (!ways.data) return null;
  return (
    <section>
      <h3>{t("ways")}</h3>
      {ways.data.ways.length === 0 && <p className="muted">{t("waysGone")}</p>}
      <ul className="ways">
        {ways.data.ways.map(({ edge, node, does }) => (
          <li key={edge}>
            {t("way", { edge: word("edge", edge), does: word("node", does) })} <code>{node}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
