/** One dead parcel: what its platform answered, and telling it again, with another number where that was wrong. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { CopyId } from "../../shared/copy/CopyId";
import { Panel } from "../../shared/desk/Panel";
import { Redrive } from "../../shared/desk/Redrive";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { ALL, type Corrected, type Dead, keyOf, LISTS, redrive } from "./queries";

interface Props {
  dead: Dead;
  close: () => void;
  next: () => void;
}

export default function DeadPanel({ dead, close, next }: Props) {
  const { t } = useTranslation("writebacks");
  const word = useWord();
  const { can } = useSession();
  return (
    <Panel title={dead.tracking_no || dead.shipment_id} close={close}>
      <section>
        <ul className="reasons">
          <li>
            <strong>{dead.outcome ? word("outcome", dead.outcome) : t("unnamed")}</strong> <code>{dead.code}</code>
            <div>{dead.reason}</div>
          </li>
        </ul>
      </section>
      <section>
        <dl className="facts">
          <dt>{t("order")}</dt>
          <dd>
            <Link to="/orders/$id" params={{ id: dead.order_id }}>
              {dead.order_id}
            </Link>
          </dd>
          <dt>{t("shipment")}</dt>
          <dd>
            <CopyId id={dead.shipment_id} />
          </dd>
          <dt>{t("channel")}</dt>
          <dd>
            {word("channel", dead.channel)} · {dead.shop}
          </dd>
          <dt>{t("due")}</dt>
          <dd>
            <Due at={dead.ship_by} left={false} />
          </dd>
          <dt>{t("shipped")}</dt>
          <dd>
            <Time at={dead.shipped_at} exact /> · {dead.warehouse}
          </dd>
          <dt>{t("requests")}</dt>
          <dd className="num">{dead.requests}</dd>
        </dl>
      </section>
      {can("writebacks.redrive") && (
        <Redrive<Dead>
          label={t("redrive")}
          fields={[
            { name: "carrier", label: t("field.carrier"), hint: dead.carrier },
            { name: "tracking_no", label: t("field.tracking_no"), hint: dead.tracking_no },
            { name: "because", label: t("field.because"), hint: t("becauseHint") },
          ]}
          send={(told, key) => redrive(dead, told as unknown as Corrected, key)}
          lists={LISTS}
          all={ALL}
          isRow={(row) => keyOf(row) === keyOf(dead)}
          next={next}
        />
      )}
    </Panel>
  );
}
