/** How far behind each reader is, topic by topic. */
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { count, span } from "../../shared/format/format";
import { Status } from "../../shared/status/Status";

/** A reader is behind when its oldest unread record is older than that. */
const USUAL_S = 10;

export function Lag({ title, lags }: { title: string; lags: readonly Schema["StageLag"][] }) {
  const { t } = useTranslation("system");
  return (
    <section className="panel">
      <h2>{title}</h2>
      <table className="table" aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{t("reader")}</th>
            <th scope="col">{t("topic")}</th>
            <th scope="col" className="end">
              {t("records")}
            </th>
            <th scope="col">{t("state")}</th>
          </tr>
        </thead>
        <tbody>
          {lags.map((lag) => (
            <tr key={`${lag.reader} ${lag.topic}`}>
              <td>{lag.reader}</td>
              <td>
                <code>{lag.topic}</code>
              </td>
              <td className="end num">{count(lag.records)}</td>
              <td>
                {lag.gone > 0 ? (
                  <Status tone="bad">{t("gone", { count: lag.gone })}</Status>
                ) : lag.records === 0 ? (
                  <Status tone="ok">{t("level")}</Status>
                ) : (
                  <Status tone={lag.seconds > USUAL_S ? "warn" : "busy"}>
                    {t("behind", { span: span(lag.seconds) })}
                  </Status>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
