/** What tasks can be asked for by. What they ask has a place of its own beside the list, and where they stand one above it. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useAnyWord, useWord } from "../../shared/i18n/useWord";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";

export function useFilters(): Filter[] {
  const { t } = useTranslation("tasks");
  const word = useWord();
  const any = useAnyWord();
  const trade = useTradeFilters();
  return useMemo(
    () => [
      ...trade,
      { id: "kind", label: t("kind"), kind: "hidden", named: (code) => word("taskKind", code) },
      { id: "role", label: t("role"), kind: "hidden", named: (role) => role },
      { id: "reason", label: t("reason"), kind: "hidden", named: any },
    ],
    [trade, t, word, any],
  );
}
