/** The frame of every page: who and which shop above, where to at the side. */
import "./shell.css";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../api/session";
import { useHotkeys } from "../shared/hotkeys/useHotkeys";
import { Palette } from "./Palette";
import { PAGES } from "./pages";
import { Shortcuts } from "./Shortcuts";
import { Top } from "./Top";

export function Shell() {
  const { t } = useTranslation();
  const { can } = useSession();
  const navigate = useNavigate();
  const [over, setOver] = useState<"palette" | "help">();
  const pages = PAGES.filter((page) => can(page.permission, page.everywhere));
  const ways = Object.fromEntries(pages.map(({ id, to }) => [id, () => void navigate({ to })]));
  useHotkeys({ palette: () => setOver("palette"), help: () => setOver("help"), ...ways });
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <Top search={() => setOver("palette")} help={() => setOver("help")} />
      <nav className="side" aria-label={t("shell.menu")}>
        <ul>
          {pages.map(({ id, to, Icon }) => (
            <li key={id}>
              <Link to={to} title={t(`pages.${id}`)}>
                <Icon aria-hidden />
                <span>{t(`pages.${id}`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" className="main">
        <Outlet />
      </main>
      {over === "palette" && <Palette close={() => setOver(undefined)} />}
      {over === "help" && <Shortcuts close={() => setOver(undefined)} />}
    </div>
  );
}
