/** What is shown is older than it should be: how much, in a strip above it. */
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { moment, span } from "../format/format";

/** Seconds that the tables may be behind Kafka before it is said: the sink commits about once a second. */
const USUAL_S = 5;

export function Behind({ seconds, asOf }: { seconds: number | null | undefined; asOf: string | null | undefined }) {
  const { t } = useTranslation();
  if (seconds === undefined || (seconds !== null && seconds < USUAL_S)) return null;
  const said = seconds === null ? t("state.behindUnknown") : t("state.behind", { span: span(seconds) });
  return (
    <Alert
      role="status"
      showIcon
      type="warning"
      className="behind"
      title={asOf ? `${said} ${t("state.asOf", { at: moment(asOf) })}` : said}
    />
  );
}
