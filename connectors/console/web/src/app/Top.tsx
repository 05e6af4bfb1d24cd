/** The bar above: the mark, a way to search, language, light, keys, and who is here. */
import { MoonOutlined, QuestionCircleOutlined, SearchOutlined, SunOutlined, UserOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useSession, useSignOut } from "../api/session";
import { Keys } from "../shared/hotkeys/Keys";
import { language, setLanguage } from "../shared/i18n";
import { setMode, useMode } from "../shared/theme/mode";
import { Brand } from "./Brand";

export function Top({ search, help }: { search: () => void; help: () => void }) {
  const { t } = useTranslation();
  const dark = useMode() === "dark";
  const modeLabel = dark ? t("shell.toLight") : t("shell.toDark");
  return (
    <header className="top">
      <Link to="/" className="brand" aria-label={t("name")}>
        <Brand />
      </Link>
      <button type="button" className="top-search" onClick={search} aria-label={t("shell.search")}>
        <SearchOutlined aria-hidden />
        <span>{t("shell.search")}</span>
        <Keys of="palette" />
      </button>
      <span className="push" />
      <Language />
      <Button
        type="text"
        icon={dark ? <SunOutlined aria-hidden /> : <MoonOutlined aria-hidden />}
        aria-label={modeLabel}
        title={modeLabel}
        onClick={() => setMode(dark ? "light" : "dark")}
      />
      <Button
        type="text"
        icon={<QuestionCircleOutlined aria-hidden />}
        aria-label={t("shell.shortcuts")}
        title={t("shell.shortcuts")}
        onClick={help}
      />
      <Account />
    </header>
  );
}

export function Language() {
  const { t } = useTranslation();
  const other = language() === "zh" ? "en" : "zh";
  return (
    <Button type="text" aria-label={t("shell.language")} onClick={() => void setLanguage(other)}>
      <span lang={other}>{other === "en" ? "EN" : "中"}</span>
    </Button>
  );
}

function Account() {
  const { t } = useTranslation();
  const { session } = useSession();
  const signOut = useSignOut();
  if (!session) return null;
  const items = [{ key: "out", label: t("shell.signOut") }];
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: () => signOut.mutate() }}>
      <Button type="text" icon={<UserOutlined aria-hidden />} aria-label={t("shell.account", { name: session.name })}>
        {session.name}
      </Button>
    </Dropdown>
  );
}
