/** The interfaces, as they were found when they were last asked. */
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { count } from "../../shared/format/format";
import { Time } from "../../shared/format/Time";
import { Status } from "../../shared/status/Status";

export function Checks({ checks }: { checks: readonly Schema["Check"][] }) {
  const { t } = useTranslation("system");
  return (
    <section className="panel">
      <h2>{t("interfaces")}</h2>
      {checks.length === 0 && <p className="muted">{t("unchecked")}</p>}
      {checks.length > 0 && (
        <table className="table" aria-label={t("interfaces")}>
          <thead>
            <tr>
              {(["interface", "state", "took", "checked"] as const).map((name) => (
                <th scope="col" key={name}>
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => (
              <tr key={check.interface}>
                <td>
                  {check.interface} <span className="muted">{check.kind}</span>
                </td>
                <td>
                  {check.healthy ? <Status tone="ok">{t("well")}</Status> : <Status tone="bad">{check.error}</Status>}
                </td>
                <td className="num">{t("ms", { ms: count(check.took_ms) })}</td>
                <td>
                  <Time at={check.checked_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
