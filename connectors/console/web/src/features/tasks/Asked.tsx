/** What is asked, of whom and until when; who has said what so far. */
import { useTranslation } from "react-i18next";
import { CopyId } from "../../shared/copy/CopyId";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useAnyWord, useWord } from "../../shared/i18n/useWord";
import type { Item } from "./queries";

export function Asked({ item }: { item: Item }) {
  const { t } = useTranslation("tasks");
  const word = useWord();
  const any = useAnyWord();
  const says = {
    APPROVE: t("asksRole", { role: item.role }),
    HOLD: t("holds", { reason: any(item.reason) }),
    NOTIFY: t("tells", { target: item.role, by: word("toldBy", item.told_by), text: item.text }),
  }[item.kind];
  const persons: [string, string][] = [
    [t("votes"), item.votes.join(t("comma"))],
    [t("claimed"), item.claimed_by],
    [t("answered"), item.answered_by],
    [t("because"), item.because],
  ];
  return (
    <>
      <ul className="reasons">
        <li>
          <strong>{says ?? item.kind}</strong>
          {item.persons > 1 && <div>{t("asksTwo", { count: item.persons, votes: item.votes.length })}</div>}
          {item.not_by && <div>{t("notBy", { who: item.not_by })}</div>}
        </li>
      </ul>
      <dl className="facts">
        <dt>{t("opened")}</dt>
        <dd>
          <Time at={item.opened_at} exact />
        </dd>
        <dt>{t("due")}</dt>
        <dd>{item.due_at ? <Due at={item.due_at} left={item.state !== "OPEN"} /> : t("never")}</dd>
        {item.state !== "OPEN" && (
          <>
            <dt>{t("ended_at")}</dt>
            <dd>
              <Time at={item.at} exact />
            </dd>
          </>
        )}
        {persons.map(
          ([label, value]) =>
            value && (
              <div className="fact" key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        <dt>{t("flow")}</dt>
        <dd>
          <CopyId id={`${item.document}@${item.flow_version}`} /> {t("node", { node: item.node })}
        </dd>
        <dt>{t("task")}</dt>
        <dd>
          <CopyId id={item.task_id} />
        </dd>
      </dl>
    </>
  );
}
