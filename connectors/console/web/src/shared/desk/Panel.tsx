/** What is opened of a list, beside it. Escape puts it away. */
import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { labels } from "../hotkeys/keys";
import { useHotkeys } from "../hotkeys/useHotkeys";

export function Panel({ title, close, children }: { title: ReactNode; close: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  useHotkeys({ close });
  return (
    <aside className="panel desk-panel" aria-label={t("desk.panel")}>
      <header>
        <h2>{title}</h2>
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("dialog.close")}
          title={labels("close").join(" ")}
          onClick={close}
        />
      </header>
      {children}
    </aside>
  );
}
