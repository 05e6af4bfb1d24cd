/** What another system answered last: the outcome in the person's language, and its own code as it is. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useWord, type Words } from "./useWord";

export function useAnswer(kind: Words): (answer: { outcome: string | null; code: string }) => string {
  const { t } = useTranslation();
  const word = useWord();
  return useCallback(
    ({ outcome, code }) => {
      const named = outcome ? word(kind, outcome) : t("desk.noAnswer");
      return code ? t("state.cause", { kind: named, of: code }) : named;
    },
    [t, word, kind],
  );
}

/** The same of a cause as the address has it: `outcome/code`. */
export function answerOf(cause: string): { outcome: string | null; code: string } {
  const at = cause.indexOf("/");
  return { outcome: cause.slice(0, at) || null, code: cause.slice(at + 1) };
}
