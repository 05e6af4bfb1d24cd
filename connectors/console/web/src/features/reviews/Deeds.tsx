/** What a person does about an item: put right what is wrong, have intake judge it, send it; or decide against it. */
import { Alert, Button, Input } from "antd";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDeed } from "../../shared/desk/useDeed";
import { Keys } from "../../shared/hotkeys/Keys";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { ALL, discard, fix, type Item, LISTS, type Put, type Row, useCheck } from "./queries";
import { Reasons } from "./Reasons";

interface Props {
  item: Item;
  /** The payload to edit, once it was asked for. */
  text: string | undefined;
  next: () => void;
}

export function Deeds({ item, text, next }: Props) {
  const { t } = useTranslation("reviews");
  const form = useId();
  const [edited, setEdited] = useState<string>();
  const [because, setBecause] = useState("");
  const check = useCheck(item.record);
  const ended = { lists: LISTS, all: ALL, isRow: (row: Row) => row.record === item.record, next };
  const send = useDeed((put: Put, key) => fix(item.record, put, because, key), ended);
  const drop = useDeed((why: string, key) => discard(item.record, why, key), ended);
  const put: Put = edited !== undefined && edited !== text ? { payload: edited } : {};
  const ready = because.trim() !== "" && !send.isPending && !drop.isPending;
  const error = send.error ?? drop.error ?? check.error;
  // What was judged is not what stands there any more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each change of the text
  useEffect(() => check.reset(), [edited]);
  useHotkeys({
    edit: () => document.getElementById(`${form}-${text === undefined ? "because" : "payload"}`)?.focus(),
    ...(ready && { send: () => send.mutate(put) }),
  });
  return (
    <section className="deed-form">
      {text !== undefined && (
        <div className="field">
          <label htmlFor={`${form}-payload`}>{t("payload")}</label>
          <Input.TextArea
            id={`${form}-payload`}
            value={edited ?? text}
            onChange={(event) => setEdited(event.target.value)}
            rows={8}
            spellCheck={false}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor={`${form}-because`}>{t("because")}</label>
        <Input
          id={`${form}-because`}
          value={because}
          onChange={(event) => setBecause(event.target.value)}
          maxLength={1000}
          placeholder={t("becauseHint")}
        />
      </div>
      {check.data && (
        <Alert
          type={check.data.accepted ? "success" : "warning"}
          showIcon
          title={check.data.verdict}
          description={check.data.reasons.length > 0 && <Reasons reasons={check.data.reasons} />}
        />
      )}
      {error && <Alert type="error" showIcon role="alert" title={error.message} />}
      <div className="deeds">
        <Button type="primary" disabled={!ready} loading={send.isPending} onClick={() => send.mutate(put)}>
          {t("send")} <Keys of="send" />
        </Button>
        <Button loading={check.isPending} onClick={() => check.mutate(put)}>
          {t("check")}
        </Button>
        <Button danger disabled={!ready} loading={drop.isPending} onClick={() => drop.mutate(because)}>
          {t("discard")}
        </Button>
      </div>
    </section>
  );
}
