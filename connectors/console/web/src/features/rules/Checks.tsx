/** All that is wrong with the draft, each with a way to its place. */
import { CheckCircleFilled } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { idOf } from "./editing";
import type { Draft } from "./useDraft";

/** The nearest part of the page that shows a place. */
function shownAt(path: readonly (string | number)[]): HTMLElement | null {
  for (let end = path.length; end > 0; end -= 1) {
    const found = document.getElementById(idOf(path.slice(0, end)));
    if (found) return found;
  }
  return null;
}

function go(path: readonly (string | number)[]): void {
  const part = shownAt(path);
  part?.scrollIntoView({ block: "center" });
  part?.querySelector<HTMLElement>("input,button:not(.rule-handle),textarea")?.focus({ preventScroll: true });
}

export function Checks({ draft }: { draft: Draft }) {
  const { t } = useTranslation("rules");
  const { judgement } = draft;
  if (!judgement) return null;
  if (judgement.faults.length === 0)
    return (
      <p className="rule-sound">
        <CheckCircleFilled aria-hidden /> {t("sound")} <code>{judgement.digest?.slice(0, 12)}</code>
      </p>
    );
  return (
    <ol className="reasons" aria-label={t("faults")} aria-busy={!draft.isJudged}>
      {judgement.faults.map((fault) => (
        <li key={`${fault.where} ${fault.says}`}>
          <button type="button" className="linklike" onClick={() => go(fault.path)}>
            <code>{fault.where}</code>
          </button>
          {fault.value && <code> = {fault.value}</code>}
          <p>{fault.says}</p>
        </li>
      ))}
    </ol>
  );
}
