/** Channel and shop: what every list of orders' affairs can be asked for by. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { shopsOf, useSession } from "../../api/session";
import { useWord } from "../i18n/useWord";
import type { Filter } from "./types";

const CHANNELS = ["taobao", "jd", "pdd", "douyin", "shopify"];

export function useTradeFilters(): Filter[] {
  const { t } = useTranslation();
  const word = useWord();
  const { session } = useSession();
  return useMemo(() => {
    const shops = shopsOf(session);
    const shop: Filter =
      shops.length > 0
        ? {
            id: "shop",
            label: t("trade.shop"),
            kind: "choice",
            choices: shops.map((value) => ({ value, label: value })),
          }
        : { id: "shop", label: t("trade.shop"), kind: "text" };
    const channels = CHANNELS.map((value) => ({ value, label: word("channel", value) }));
    return [{ id: "channel", label: t("trade.channel"), kind: "choice", choices: channels }, shop];
  }, [t, word, session]);
}
