/** The shape of what is coming. */
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";

export function Waiting({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="panel" role="status" aria-label={t("state.waiting")}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
