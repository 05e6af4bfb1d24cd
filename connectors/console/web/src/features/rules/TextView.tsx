/** The same document as text, JSON or TOML: what is written here is read by the server, and the cards show it. */
import { Alert, Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import type { Draft } from "./useDraft";

export function TextView({ draft }: { draft: Draft }) {
  const { t } = useTranslation("rules");
  const { judgement, isJudged } = draft;
  const first = judgement?.faults[0];
  const unread = isJudged && judgement?.document === null;
  return (
    <section className="panel rule-text">
      <div className="rule-line">
        <Button
          size="small"
          disabled={!isJudged || !judgement?.json_text}
          onClick={() => draft.type(judgement?.json_text ?? null)}
        >
          {t("asJson")}
        </Button>
        <Button
          size="small"
          disabled={!isJudged || !judgement?.toml_text}
          onClick={() => draft.type(judgement?.toml_text ?? null)}
        >
          {t("asToml")}
        </Button>
        <span className="muted">{t("textHint")}</span>
      </div>
      <Input.TextArea
        aria-label={t("text")}
        className="bytes"
        rows={28}
        spellCheck={false}
        value={draft.text}
        onChange={(event) => draft.type(event.target.value)}
      />
      {unread && first && (
        <Alert type="error" showIcon title={t("unread", { line: first.line })} description={first.says} />
      )}
    </section>
  );
}
