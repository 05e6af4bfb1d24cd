/** What the queue can be asked for by. State and reason have places of their own beside the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";

export function useFilters(): Filter[] {
  const { t } = useTranslation("reviews");
  const word = useWord();
  const trade = useTradeFilters();
  return useMemo(
    () => [
      ...trade,
      { id: "reason", label: t("reason"), kind: "hidden", named: (code) => word("code", code) },
      { id: "state", label: t("state"), kind: "hidden", named: () => t("settled") },
    ],
    [trade, t, word],
  );
}
