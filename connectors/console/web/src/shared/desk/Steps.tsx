/** What happened, newest first, each with the record that tells of it. */
import { useTranslation } from "react-i18next";
import { moment } from "../format/format";
import { useAnyWord, useReasons, useWord } from "../i18n/useWord";

export interface Step {
  at: string;
  kind: string;
  status?: string | null;
  reason?: string | null;
  done_by?: string | null;
  /** What it is about; said on pointing at its record. */
  about?: string | null;
  topic: string;
  partition: number;
  offset: number;
}

export function Steps({ steps }: { steps: readonly Step[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const any = useAnyWord();
  const reasons = useReasons();
  return (
    <ol className="timeline">
      {steps.map((step) => (
        <li key={`${step.topic}/${step.partition}/${step.offset}/${step.about}`}>
          <div>
            <strong>{word("kind", step.kind)}</strong> {step.status && any(step.status)}
          </div>
          {step.reason && <div>{reasons(step.reason)}</div>}
          {step.done_by && <div>{t("desk.doneBy", { who: step.done_by })}</div>}
          <div className="muted num">
            <time dateTime={step.at}>{moment(step.at)}</time>
            <code title={step.about ?? undefined}>{`${step.topic}/${step.partition} ${step.offset}`}</code>
          </div>
        </li>
      ))}
    </ol>
  );
}
