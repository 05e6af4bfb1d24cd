/** A decision with every reason: strategies passed over, each warehouse that was looked at, and who sends what. */
import "../../shared/table/rows.css";
import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { count } from "../../shared/format/format";
import { titleOf } from "./editing";
import { type Catalogue, type Decision, useCatalogue } from "./queries";

type Attempt = Decision["attempts"][number];
type Looked = Attempt["warehouses"][number];

/** Who sends, in short. */
export const senders = (decision: Decision | null) =>
  [...new Set(decision?.parts.map((part) => part.warehouse) ?? [])].sort().join("+");

export function Decided({ decision }: { decision: Decision }) {
  const { t } = useTranslation("rules");
  const catalogue = useCatalogue().data;
  const short = Object.entries(decision.unplaced);
  return (
    <div className="rule-decision">
      <p>
        <strong>{senders(decision) || t("waits")}</strong> <span className="muted">{decision.strategy}</span>
      </p>
      {decision.parts.length === 0 && short.length > 0 && (
        <p className="muted">
          {t("unplaced", { goods: short.map(([sku, pieces]) => `${count(pieces)} × ${sku}`).join(t("comma")) })}
        </p>
      )}
      {decision.passed_over.map((each) => (
        <p className="muted" key={each.strategy}>
          {t("passedOver", {
            strategy: each.strategy,
            number: each.condition + 1,
            fact: titleOf(catalogue?.conditions ?? [], each.field),
            has: shown(each.actual, t("unknown")),
          })}
        </p>
      ))}
      {decision.attempts.map((attempt, at) => (
        <Tried key={at} attempt={attempt} catalogue={catalogue} />
      ))}
    </div>
  );
}

function Tried({ attempt, catalogue }: { attempt: Attempt; catalogue: Catalogue | undefined }) {
  const { t } = useTranslation("rules");
  return (
    <div className="table-scroll">
      <table className="table" aria-label={attempt.strategy}>
        <caption>
          {attempt.strategy}：{t(`result.${attempt.result}`, { defaultValue: attempt.result })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("warehouse")}</th>
            <th scope="col" className="end">
              {t("covers")}
            </th>
            <th scope="col">{t("why")}</th>
          </tr>
        </thead>
        <tbody>
          {attempt.warehouses.map((each) => (
            <tr key={each.warehouse}>
              <td>
                {each.chosen ? (
                  <CheckCircleFilled className="rule-yes" aria-hidden />
                ) : (
                  <MinusCircleOutlined aria-hidden />
                )}{" "}
                {each.warehouse}
                <span className="unseen">{each.chosen ? t("chosen") : t("notChosen")}</span>
              </td>
              <td className="end num">{count(each.covers)}</td>
              <td>{each.why || scores(each, catalogue, t("unknown"))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function scores(each: Looked, catalogue: Catalogue | undefined, unknown: string): string {
  return each.scores
    .map((score) => {
      const points = typeof score.points === "number" ? ` → ${count(score.points)} × ${count(score.weight ?? 0)}` : "";
      return `${titleOf(catalogue?.criteria ?? [], score.by)} ${shown(score.value, unknown)}${points}`;
    })
    .join(" · ");
}

function shown(value: unknown, unknown: string): string {
  if (Array.isArray(value)) return value.map((each) => shown(each, unknown)).join(", ");
  if (value === null || value === undefined || value === "") return unknown;
  return typeof value === "number" ? count(value) : String(value);
}
