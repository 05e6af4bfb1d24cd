/** When an order must have left. Late is said in words and colour, and only while it still has to leave. */
import { useTranslation } from "react-i18next";
import { Time, useNow } from "../../shared/format/Time";
import { Status } from "../../shared/status/Status";

const LEFT = new Set(["SHIPPED", "CANCELLED", "ELSEWHERE"]);

export function Due({ at, status }: { at: string; status: string | null }) {
  const { t } = useTranslation("orders");
  const late = useNow() > Date.parse(at) && !LEFT.has(status ?? "");
  if (!late) return <Time at={at} exact />;
  return (
    <Status tone="bad">
      {t("late")} <Time at={at} />
    </Status>
  );
}
