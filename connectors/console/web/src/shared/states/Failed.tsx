/** What went wrong, as the server says it; how to try again; and the number by which its log knows the request. */
import "./states.css";
import { DisconnectOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Fault } from "../../api/fault";
import { CopyId } from "../copy/CopyId";
import { Nothing } from "./Nothing";

export function Failed({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const fault = error instanceof Fault ? error : null;
  if (fault?.status === 403) return <Nothing kind="right" title={t("state.right")} hint={fault.message} />;
  const away = fault === null || fault.status === 0;
  const Picture = away ? DisconnectOutlined : WarningOutlined;
  return (
    <div className="state" role="alert">
      <Picture className="state-picture state-bad" aria-hidden />
      <strong>{away ? t("state.away") : fault.message}</strong>
      {fault?.fix && <span className="muted">{fault.fix}</span>}
      {retry && <Button onClick={retry}>{t("state.retry")}</Button>}
      {fault?.requestId && (
        <span className="muted">
          {t("state.request")} <CopyId id={fault.requestId} />
        </span>
      )}
    </div>
  );
}
