/** When something must have left. Late is said in words and colour, and only while it still has to leave. */
import { useTranslation } from "react-i18next";
import { Status } from "../status/Status";
import { Time, useNow } from "./Time";

export function Due({ at, left }: { at: string; left: boolean }) {
  const { t } = useTranslation();
  const late = useNow() > Date.parse(at) && !left;
  if (!late) return <Time at={at} exact />;
  return (
    <Status tone="bad">
      {t("state.late")} <Time at={at} />
    </Status>
  );
}
