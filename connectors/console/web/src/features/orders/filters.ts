/** What orders can be asked for by. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { shopsOf, useSession } from "../../api/session";
import { useWord } from "../../shared/i18n/useWord";
import { PHASES } from "../../shared/status/Phase";
import type { Filter } from "../../shared/table/types";

export const CHANNELS = ["taobao", "jd", "pdd", "douyin", "shopify"];

export function useFilters(): Filter[] {
  const { t } = useTranslation("orders");
  const word = useWord();
  const { session } = useSession();
  return useMemo(() => {
    const shops = shopsOf(session);
    const shop: Filter =
      shops.length > 0
        ? { id: "shop", label: t("shop"), kind: "choice", choices: shops.map((value) => ({ value, label: value })) }
        : { id: "shop", label: t("shop"), kind: "text" };
    return [
      { id: "q", label: t("search"), kind: "search", hint: t("searchHint") },
      {
        id: "status",
        label: t("status"),
        kind: "choice",
        choices: PHASES.map((value) => ({ value, label: word("phase", value) })),
      },
      {
        id: "channel",
        label: t("channel"),
        kind: "choice",
        choices: CHANNELS.map((value) => ({ value, label: word("channel", value) })),
      },
      shop,
      { id: "warehouse", label: t("warehouse"), kind: "text" },
      { id: "from", label: t("from"), kind: "day" },
      { id: "to", label: t("to"), kind: "day" },
    ];
  }, [t, word, session]);
}
