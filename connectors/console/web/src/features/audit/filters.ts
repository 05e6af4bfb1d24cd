/** What the audit can be asked for by. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import type { Filter } from "../../shared/table/types";

const AREAS = [
  ...["order", "task", "return", "stock", "review", "writeback", "personal", "person", "config", "warehouse", "bundle"],
  ...["carriers", "quarantine", "replay", "state", "session", "access", "list"],
];

export function useFilters(): Filter[] {
  const { t } = useTranslation("audit");
  const word = useWord();
  return useMemo(
    () => [
      { id: "subject", label: t("subject"), kind: "search", hint: t("subjectHint") },
      {
        id: "area",
        label: t("area"),
        kind: "choice",
        choices: AREAS.map((value) => ({ value, label: word("area", value) })),
      },
      { id: "by", label: t("by"), kind: "text" },
      { id: "from", label: t("from"), kind: "day" },
      { id: "to", label: t("to"), kind: "day" },
    ],
    [t, word],
  );
}
