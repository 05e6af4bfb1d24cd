/** One round of planning: the warehouses as they were ranked. */
import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { count } from "../../shared/format/format";
import type { Decision } from "./queries";

type RoundOf = Decision["trace"]["rounds"][number];

export function Round({ round, units, alone }: { round: RoundOf; units: number; alone: boolean }) {
  const { t } = useTranslation("order");
  return (
    <>
      {!alone && <h4>{t("round", { count: round.round })}</h4>}
      {round.considered.length > 0 && (
        <table className="table weighed" aria-label={t("weighed", { count: round.round })}>
          <thead>
            <tr>
              <th scope="col">{t("warehouse")}</th>
              <th scope="col">{t("verdict")}</th>
              <th scope="col" className="end">
                {t("covers")}
              </th>
              <th scope="col" className="end">
                {t("distance")}
              </th>
              <th scope="col" className="end">
                {t("open")}
              </th>
            </tr>
          </thead>
          <tbody>
            {round.considered.map((each) => (
              <tr key={each.warehouse} className={each.chosen ? "taken" : undefined}>
                <th scope="row">{each.warehouse}</th>
                <td>
                  {each.chosen ? (
                    <CheckCircleFilled className="yes" aria-hidden />
                  ) : (
                    <MinusCircleOutlined aria-hidden />
                  )}
                  <span className="unseen">{each.chosen ? t("taken") : t("notTaken")}</span> {each.reason}
                </td>
                <td className="end num">{t("coversOf", { covered: count(each.covers), all: count(units) })}</td>
                <td className="end num">
                  {typeof each.distance_km === "number"
                    ? t("km", { km: count(Math.round(each.distance_km)) })
                    : t("unknown")}
                </td>
                <td className="end num">{count(each.open_units)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {round.rejected.map(({ sku, shortfall }) => (
        <p key={sku}>{t("refused", { sku, count: shortfall })}</p>
      ))}
    </>
  );
}
