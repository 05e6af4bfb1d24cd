/** How far the stages and sinks are behind. */
import { useTranslation } from "react-i18next";
import { count, span } from "../../shared/format/format";
import { Status } from "../../shared/status/Status";
import type { Second } from "./useLive";

/** Behind is what has waited longer than that. */
const USUAL_S = 10;

export function LagList({ lag }: { lag: Second["lag"] }) {
  const { t } = useTranslation("live");
  return (
    <section className="panel" aria-labelledby="lag">
      <h2 id="lag">{t("lag")}</h2>
      {lag === null ? (
        <p className="muted">{t("noLag")}</p>
      ) : (
        <table className="table" aria-labelledby="lag">
          <tbody>
            {lag.map((reader) => (
              <tr key={reader.name}>
                <th scope="row">{reader.name}</th>
                <td className="end num">{t("records", { count: reader.records, shown: count(reader.records) })}</td>
                <td>
                  {reader.records === 0 ? (
                    <Status tone="ok">{t("level")}</Status>
                  ) : (
                    <Status tone={reader.seconds > USUAL_S ? "warn" : "busy"}>
                      {t("behind", { span: span(reader.seconds) })}
                    </Status>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
