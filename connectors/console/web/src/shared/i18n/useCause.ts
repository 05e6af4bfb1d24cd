/** What a task asks, in a few words: its kind, and of whom or why. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useAnyWord, useWord } from "./useWord";

interface Asking {
  kind: string;
  role: string;
  reason: string;
}

export function useCause(): (task: Asking) => string {
  const { t } = useTranslation();
  const word = useWord();
  const any = useAnyWord();
  return useCallback(
    ({ kind, role, reason }) => {
      const of = reason ? any(reason) : role;
      const named = word("taskKind", kind);
      return of ? t("state.cause", { kind: named, of }) : named;
    },
    [t, word, any],
  );
}
