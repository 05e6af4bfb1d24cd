/** What orders can be asked for by. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import { PHASES } from "../../shared/status/Phase";
import { useTradeFilters } from "../../shared/table/tradeFilters";
import type { Filter } from "../../shared/table/types";

export function useFilters(): Filter[] {
  const { t } = useTranslation("orders");
  const word = useWord();
  const trade = useTradeFilters();
  return useMemo(
    () => [
      { id: "q", label: t("search"), kind: "search", hint: t("searchHint") },
      {
        id: "status",
        label: t("status"),
        kind: "choice",
        choices: PHASES.map((value) => ({ value, label: word("phase", value) })),
      },
      ...trade,
      { id: "warehouse", label: t("warehouse"), kind: "text" },
      { id: "split", label: t("split"), kind: "choice", choices: [{ value: "true", label: t("several") }] },
      { id: "from", label: t("from"), kind: "day" },
      { id: "to", label: t("to"), kind: "day" },
    ],
    [t, word, trade],
  );
}
