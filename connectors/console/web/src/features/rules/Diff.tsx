/** What is different in the draft from a version: field by field. */
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../shared/states/Failed";
import { type Held, useDiff } from "./queries";
import type { Draft } from "./useDraft";

export function Diff({ draft, held }: { draft: Draft; held: Held }) {
  const { t } = useTranslation("rules");
  const [chosen, setChosen] = useState<number>();
  const number = chosen ?? held.release.live ?? held.versions[0]?.number;
  const sound = draft.isJudged && draft.judgement?.digest != null;
  const diff = useDiff(held.name, number, draft.text, sound);
  if (number === undefined) return <p className="muted">{t("diff.noVersion")}</p>;
  return (
    <div className="rule-diff">
      <div className="rule-field">
        <span>{t("diff.from")}</span>
        <Select
          size="small"
          aria-label={t("diff.from")}
          value={number}
          onChange={setChosen}
          options={held.versions.map((it) => ({
            value: it.number,
            label: t("diff.version", { number: it.number, state: t(`state.${it.state}`) }),
          }))}
          popupMatchSelectWidth={false}
        />
      </div>
      {!sound && <p className="muted">{t("rightFirst")}</p>}
      {diff.isError && <Failed error={diff.error} retry={() => void diff.refetch()} />}
      {diff.data?.length === 0 && <p role="status">{t("diff.same")}</p>}
      {diff.data && diff.data.length > 0 && (
        <ul className="rule-differences" aria-label={t("diff.title")}>
          {diff.data.map((each) => (
            <li key={each.where}>
              <code>{each.where}</code>
              {!each.added && (
                <pre className="rule-was">
                  <span className="unseen">{t("diff.was")}</span>− {JSON.stringify(each.before)}
                </pre>
              )}
              {!each.removed && (
                <pre className="rule-is">
                  <span className="unseen">{t("diff.becomes")}</span>+ {JSON.stringify(each.after)}
                </pre>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
