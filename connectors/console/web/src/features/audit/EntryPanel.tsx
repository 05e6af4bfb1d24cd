/** One entry: all that it says, and where to from there. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { CopyId } from "../../shared/copy/CopyId";
import { Panel } from "../../shared/desk/Panel";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import type { Entry } from "./queries";
import { useOutcome } from "./useOutcome";

/** What begins with a channel's name is an order's id. */
const ORDER = /^(taobao|jd|pdd|douyin|shopify):./;

export function EntryPanel({ entry, close }: { entry: Entry; close: () => void }) {
  const { t } = useTranslation("audit");
  const word = useWord();
  const outcome = useOutcome();
  const { can } = useSession();
  const details = Object.entries(entry.details);
  return (
    <Panel title={word("action", entry.action)} close={close}>
      <section>
        <dl className="facts">
          <dt>{t("subject")}</dt>
          <dd>
            {ORDER.test(entry.subject) && can("orders.read") ? (
              <Link to="/orders/$id" params={{ id: entry.subject }} title={t("openOrder")}>
                {entry.subject}
              </Link>
            ) : (
              <CopyId id={entry.subject} />
            )}
          </dd>
          <dt>{t("by")}</dt>
          <dd>{entry.done_by}</dd>
          <dt>{t("at")}</dt>
          <dd>
            <Time at={entry.at} exact />
          </dd>
          {entry.reason && (
            <>
              <dt>{t("reason")}</dt>
              <dd>{entry.reason}</dd>
            </>
          )}
          <dt>{t("outcome")}</dt>
          <dd>{outcome(entry.outcome).said}</dd>
          <dt>{t("entry")}</dt>
          <dd>
            <CopyId id={entry.entry_id} />
          </dd>
          {entry.correlation_id !== entry.entry_id && (
            <>
              <dt>{t("undertaking")}</dt>
              <dd>
                <CopyId id={entry.correlation_id} />
              </dd>
            </>
          )}
        </dl>
      </section>
      {details.length > 0 && (
        <section>
          <h3>{t("details")}</h3>
          <dl className="facts">
            {details.map(([name, value]) => (
              <div className="fact-pair" key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </Panel>
  );
}
