/** One dead parcel: what its platform answered, and telling it again, with another number where that was wrong. */
import { Link } from "@tanstack/react-router";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { CopyId } from "../../shared/copy/CopyId";
import { Panel } from "../../shared/desk/Panel";
import { useDeed } from "../../shared/desk/useDeed";
import { Due } from "../../shared/format/Due";
import { Time } from "../../shared/format/Time";
import { Keys } from "../../shared/hotkeys/Keys";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { useWord } from "../../shared/i18n/useWord";
import { ALL, type Corrected, type Dead, keyOf, LISTS, redrive } from "./queries";

interface Props {
  dead: Dead;
  close: () => void;
  next: () => void;
}

export function DeadPanel({ dead, close, next }: Props) {
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
      {can("writebacks.redrive") && <Redrive dead={dead} next={next} />}
    </Panel>
  );
}

function Redrive({ dead, next }: { dead: Dead; next: () => void }) {
  const { t } = useTranslation("writebacks");
  const form = useId();
  const [told, setTold] = useState<Corrected>({ carrier: "", tracking_no: "", because: "" });
  const again = useDeed((corrected: Corrected, key) => redrive(dead, corrected, key), {
    lists: LISTS,
    all: ALL,
    isRow: (row: Dead) => keyOf(row) === keyOf(dead),
    next,
  });
  const ready = told.because.trim() !== "" && !again.isPending;
  const fields = [
    ["carrier", dead.carrier],
    ["tracking_no", dead.tracking_no],
    ["because", t("becauseHint")],
  ] as const;
  useHotkeys({
    edit: () => document.getElementById(`${form}-carrier`)?.focus(),
    ...(ready && { send: () => again.mutate(told) }),
  });
  return (
    <section className="deed-form">
      {fields.map(([name, hint]) => (
        <div className="field" key={name}>
          <label htmlFor={`${form}-${name}`}>{t(`field.${name}`)}</label>
          <Input
            id={`${form}-${name}`}
            value={told[name]}
            placeholder={hint}
            onChange={(event) => setTold({ ...told, [name]: event.target.value })}
          />
        </div>
      ))}
      {again.error && <Alert type="error" showIcon role="alert" title={again.error.message} />}
      <div className="deeds">
        <Button type="primary" disabled={!ready} loading={again.isPending} onClick={() => again.mutate(told)}>
          {t("redrive")} <Keys of="send" />
        </Button>
      </div>
    </section>
  );
}
