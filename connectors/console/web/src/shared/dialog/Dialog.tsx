/** A window above the page: the browser's own, which keeps the focus in it, closes on Escape and gives the focus back. */
import "./dialog.css";
import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  close: () => void;
  /** Without its title to be seen, for what explains itself. */
  bare?: boolean;
  children: ReactNode;
}

export function Dialog({ title, close, bare = false, children }: Props) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it; by keys Escape does
    <dialog
      ref={dialog}
      className="dialog"
      aria-label={title}
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="dialog-inner">
        {!bare && (
          <header>
            <h2>{title}</h2>
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined aria-hidden />}
              aria-label={t("dialog.close")}
              onClick={close}
            />
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
