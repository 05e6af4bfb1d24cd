/** Where one lands: the first page that one may see. */
import { Navigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../api/session";
import { Nothing } from "../shared/states/Nothing";
import { PAGES } from "./pages";

export function Home() {
  const { t } = useTranslation();
  const { can } = useSession();
  const page = PAGES.find(({ permission, everywhere }) => can(permission, everywhere));
  return page ? (
    <Navigate to={page.to} replace />
  ) : (
    <Nothing kind="right" title={t("state.noPage")} hint={t("state.noPageHint")} />
  );
}
