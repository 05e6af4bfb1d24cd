/** An address that leads nowhere. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Nothing } from "../shared/states/Nothing";

export function Unknown() {
  const { t } = useTranslation();
  const way = <Link to="/orders">{t("state.toOrders")}</Link>;
  return (
    <main>
      <Nothing kind="match" title={t("state.unknownPage")} hint={t("state.unknownPageHint")} action={way} />
    </main>
  );
}
