/** Ctrl+K: to an order by what is known of it, or to a page. A combobox: the list follows the letters, the arrows choose, Enter goes. */
import { SearchOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { Input } from "antd";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../api/session";
import { Dialog } from "../shared/dialog/Dialog";
import { Keys } from "../shared/hotkeys/Keys";
import { PAGES } from "./pages";
import { found, type Target } from "./palette";

export function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { can } = useSession();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const pages = PAGES.filter((page) => can(page.permission, page.everywhere)).map((page) => ({
    ...page,
    name: t(`pages.${page.id}`),
  }));
  const targets = found(text, pages, can("orders.read"));
  const go = (target: Target | undefined) => {
    if (!target) return;
    close();
    void navigate({ href: target.href });
  };
  const pressed = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      setAt((at + by + targets.length) % targets.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) go(targets[at]);
  };
  return (
    <Dialog title={t("palette.title")} close={close} bare>
      <Input
        autoFocus
        size="large"
        variant="borderless"
        prefix={<SearchOutlined aria-hidden />}
        placeholder={t("palette.hint")}
        role="combobox"
        aria-label={t("palette.title")}
        aria-expanded={targets.length > 0}
        aria-controls="palette-list"
        aria-activedescendant={targets[at] && `palette-${targets[at].id}`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <div id="palette-list" role="listbox" className="palette-list" aria-label={t("palette.list")}>
        {targets.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the combobox has the focus and the keys
          <div
            key={target.id}
            id={`palette-${target.id}`}
            role="option"
            aria-selected={index === at}
            onClick={() => go(target)}
          >
            {target.page ? <target.page.Icon aria-hidden /> : <SearchOutlined aria-hidden />}
            {target.page ? target.page.name : t("palette.findOrder", { text: text.trim() })}
            {target.page && <Keys of={target.page.id} />}
          </div>
        ))}
      </div>
      {targets.length === 0 && <p className="muted">{t("palette.nothing")}</p>}
    </Dialog>
  );
}
