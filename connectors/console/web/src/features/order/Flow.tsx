/** What the order's flow asks of persons: where it holds the order, why, and who answered. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useCause } from "../../shared/i18n/useCause";
import { TaskState } from "../../shared/status/TaskState";
import type { Story } from "./queries";

export function Flow({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const cause = useCause();
  if (order.tasks.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="flow">
      <h2 id="flow">{t("flow")}</h2>
      <p className="muted">{t("flowHint")}</p>
      <table className="table" aria-labelledby="flow">
        <thead>
          <tr>
            {(["asks", "stands", "flowNode", "asked", "until", "who"] as const).map((name) => (
              <th scope="col" key={name}>
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.tasks.map((task) => (
            <tr key={task.task_id}>
              <th scope="row">
                <Link to="/tasks" search={{ item: task.task_id, ...(task.state !== "OPEN" && { state: "ended" }) }}>
                  {cause(task)}
                </Link>
              </th>
              <td>
                <TaskState state={task.state} />
                {task.text && <div className="muted">{task.text}</div>}
              </td>
              <td>
                <code>{`${task.document}@${task.flow_version}`}</code> {task.node}
              </td>
              <td>
                <Time at={task.opened_at} exact />
              </td>
              <td>{task.due_at && <Due at={task.due_at} left={task.state !== "OPEN"} />}</td>
              <td>
                {task.answered_by || (task.claimed_by && t("claimedBy", { who: task.claimed_by }))}
                {task.because && <div className="muted">{task.because}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
