/** One order: where it stands, why, what ships from where, to whom, and everything that happened to it. */
import "../../shared/table/rows.css";
import "./order.css";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Fault } from "../../api/fault";
import { Failed } from "../../shared/states/Failed";
import { Nothing } from "../../shared/states/Nothing";
import { Waiting } from "../../shared/states/Waiting";
import { Decisions } from "./Decisions";
import { Deeds } from "./Deeds";
import { Deliveries } from "./Deliveries";
import { Facts } from "./Facts";
import { Flow } from "./Flow";
import { Head } from "./Head";
import { Lines } from "./Lines";
import { Parcels } from "./Parcels";
import { useStory } from "./queries";
import { ReceiverBox } from "./ReceiverBox";
import { Timeline } from "./Timeline";

export default function OrderPage() {
  const { t } = useTranslation("order");
  const { id } = useParams({ strict: false }) as { id: string };
  const story = useStory(id);
  if (story.error instanceof Fault && story.error.status === 404)
    return <Nothing kind="match" title={t("notFound", { id })} hint={t("notFoundHint")} />;
  if (story.isError) return <Failed error={story.error} retry={() => void story.refetch()} />;
  if (!story.data) return <Waiting rows={14} />;
  const order = story.data;
  return (
    <>
      <Head order={order} />
      <div className="order">
        <div className="order-main">
          <Flow order={order} />
          <Decisions order={order} />
          <Lines order={order} />
          <Deliveries order={order} />
          <Parcels order={order} />
        </div>
        <div className="order-side">
          <Deeds order={order} />
          <Facts order={order} />
          <ReceiverBox order={order} />
          <Timeline order={order} />
        </div>
      </div>
    </>
  );
}
