/** Whom the order goes to: masked until it is asked for, which is put on record, and gone again with the page. */
import { EyeOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { type Receiver, type Story, useReveal } from "./queries";

export function ReceiverBox({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const { can } = useSession();
  const { message } = App.useApp();
  const reveal = useReveal(order.order_id);
  const receiver = reveal.data ?? order.receiver;
  const ask = () => reveal.mutate(undefined, { onError: (error) => void message.error(error.message) });
  return (
    <section className="panel" aria-labelledby="receiver">
      <h2 id="receiver">{t("receiver")}</h2>
      {receiver ? <Shown receiver={receiver} /> : <p className="muted">{t("noReceiver")}</p>}
      {receiver && can("orders.pii") && !reveal.data && (
        <Button
          size="small"
          icon={<EyeOutlined aria-hidden />}
          loading={reveal.isPending}
          onClick={ask}
          title={t("revealHint")}
        >
          {t("reveal")}
        </Button>
      )}
      {reveal.data && <p className="muted">{t("revealed")}</p>}
    </section>
  );
}

function Shown({ receiver }: { receiver: Receiver }) {
  const { t } = useTranslation("order");
  const place = [receiver.province, receiver.city, receiver.district, receiver.town, receiver.address].filter(Boolean);
  const phone = [receiver.phone, receiver.phone_extension].filter(Boolean).join("-");
  const more = Object.entries(receiver.attributes);
  return (
    <>
      <dl className="facts">
        <dt>{t("name")}</dt>
        <dd>{receiver.name}</dd>
        <dt>{t("phone")}</dt>
        <dd className="num">{phone}</dd>
        <dt>{t("address")}</dt>
        <dd>
          {place.join(" ")} {receiver.postal_code}
        </dd>
      </dl>
      {more.length > 0 && (
        <>
          <h3 className="muted">{t("attributes")}</h3>
          <dl className="facts">
            {more.map(([name, value]) => (
              <Attribute key={name} name={name} value={value} />
            ))}
          </dl>
        </>
      )}
    </>
  );
}

function Attribute({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>
        <code>{name}</code>
      </dt>
      <dd>{value}</dd>
    </>
  );
}
