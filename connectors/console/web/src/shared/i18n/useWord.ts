/** Codes of records (phases, reasons, channels...) in the person's language; one that is not known here stands as it is. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type words from "../../locales/zh/words.json";

export type Words = keyof typeof words;

export function useWord(): (kind: Words, code: string) => string {
  const { i18n } = useTranslation();
  // Read again whenever the language changes.
  const current = i18n.language;
  return useCallback(
    (kind, code) => {
      const found: Record<string, string> | undefined = i18n.getResource(current, "words", kind);
      return found?.[code] ?? code;
    },
    [i18n, current],
  );
}

/** Before a reason that an order's flow holds it for. */
const BY_FLOW = "flow:";

const STATES: readonly Words[] = [
  "phase",
  "reservation",
  "writeback",
  "outcome",
  "review",
  "platform",
  "duplicate",
  "grade",
  "check",
  "code",
  "taskState",
  "delivery",
  "deliveryAction",
  "deliveryOutcome",
  "report",
];

/** The same for a text that may be a code of any kind, or no code at all. */
export function useAnyWord(): (text: string) => string {
  const word = useWord();
  return useCallback(
    (text) => {
      const kind = STATES.find((each) => word(each, text) !== text);
      return kind ? word(kind, text) : text;
    },
    [word],
  );
}

/** What holds an order: codes with commas between them, of its flow's own reasons the merchant's words. */
export function useReasons(): (text: string) => string {
  const any = useAnyWord();
  const { t } = useTranslation();
  return useCallback(
    (text) => {
      const one = (code: string) => {
        const said = any(code);
        return said === code && code.startsWith(BY_FLOW)
          ? t("state.byFlow", { reason: code.slice(BY_FLOW.length) })
          : said;
      };
      // A sentence has blanks.
      return text.includes(" ") ? one(text) : text.split(",").map(one).join(t("state.comma"));
    },
    [any, t],
  );
}
