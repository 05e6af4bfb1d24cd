/** Everything that happened to the order, newest first, each with the record that tells of it. */
import { useTranslation } from "react-i18next";
import { Steps } from "../../shared/desk/Steps";
import type { Story } from "./queries";

export function Timeline({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">{t("timeline")}</h2>
      <Steps steps={order.events} />
      {order.more_events && <p className="muted">{t("moreEvents", { count: order.events.length })}</p>}
    </section>
  );
}
