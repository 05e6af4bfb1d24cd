/** An id to read and to take along. */
import "./copy.css";
import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

export function CopyId({ id, shown = id }: { id: string; shown?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard.writeText(id).then(() => setCopied(true));
  return (
    <span className="copy">
      <code>{shown}</code>
      <button type="button" onClick={copy} aria-label={t("copy.label", { id })} title={t("copy.title")}>
        {copied ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
      </button>
      <span role="status" className="unseen">
        {copied && t("copy.done")}
      </span>
    </span>
  );
}
