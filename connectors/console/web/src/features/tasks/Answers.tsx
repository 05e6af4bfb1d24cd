/** A person's answer. What could not count is said before it is tried; what the worker finds is said after. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { newKey, useDeed } from "../../shared/desk/useDeed";
import { Keys } from "../../shared/hotkeys/Keys";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import type { Page } from "../../shared/table/types";
import { ALL, type Answered, answer, cancelOrder, claim, type Item, LISTS, type Row, type Verb } from "./queries";

export function Answers({ item, next }: { item: Item; next: () => void }) {
  const { t } = useTranslation("tasks");
  const { can } = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const form = useId();
  const [because, setBecause] = useState("");
  const told = (answered: Answered) => {
    if (!answered.decided) void message.info(t("sent"));
    return answered;
  };
  const ended = { lists: LISTS, all: ALL, isRow: (row: Row) => row.task_id === item.task_id, next };
  // What kept it from counting may stand in the tables by now.
  const failed = { onError: () => void client.invalidateQueries({ queryKey: ALL }) };
  const say = useDeed((verb: Verb, key) => answer(verb, item.task_id, because, key).then(told), ended);
  const end = useDeed((_: null, key) => cancelOrder(item.order_id, because, key).then(told), ended);
  const take = useClaim(item);
  const isHold = item.kind === "HOLD";
  const pending = say.isPending || end.isPending;
  const ready = because.trim() !== "" && !pending;
  const may = (verb: Verb) => ready && item.why_not[verb] === undefined;
  const why = item.why_not.approve;
  const error = say.error ?? end.error ?? take.error;
  const refusing = isHold
    ? can("orders.decide") && ready && (() => end.mutate(null, failed))
    : may("refuse") && (() => say.mutate("refuse", failed));
  useHotkeys({
    edit: () => document.getElementById(`${form}-because`)?.focus(),
    ...(may("approve") && { send: () => say.mutate("approve", failed) }),
    ...(refusing && { refuse: refusing }),
    ...(!item.claimed_by && !take.isPending && { claim: () => take.mutate() }),
  });
  return (
    <section className="deed-form">
      {why && <Alert type="info" showIcon title={t("mayNot", { why })} />}
      <div className="field">
        <label htmlFor={`${form}-because`}>{t("field")}</label>
        <Input
          id={`${form}-because`}
          value={because}
          onChange={(event) => setBecause(event.target.value)}
          maxLength={1000}
          placeholder={t("fieldHint")}
        />
      </div>
      {error && <Alert type="error" showIcon role="alert" title={error.message} />}
      <div className="deeds">
        <Button
          type="primary"
          disabled={!may("approve")}
          loading={say.isPending && say.variables === "approve"}
          onClick={() => say.mutate("approve", failed)}
        >
          {t(isHold ? "release" : "approve")} <Keys of="send" />
        </Button>
        {(!isHold || can("orders.decide")) && (
          <Button
            danger
            disabled={!refusing}
            loading={isHold ? end.isPending : say.isPending && say.variables === "refuse"}
            {...(refusing && { onClick: refusing })}
          >
            {t(isHold ? "cancel" : "refuse")} <Keys of="refuse" />
          </Button>
        )}
        {!item.claimed_by && (
          <Button loading={take.isPending} onClick={() => take.mutate()}>
            {t("claim")} <Keys of="claim" />
          </Button>
        )}
      </div>
    </section>
  );
}

/** The task stays in its list, with who has taken it on. */
function useClaim(item: Item) {
  const { t } = useTranslation("tasks");
  const client = useQueryClient();
  const { message } = App.useApp();
  const key = useRef(newKey());
  return useMutation({
    mutationFn: () => claim(item.task_id, key.current),
    onSuccess: ({ by, decided }) => {
      key.current = newKey();
      void message.success(t(decided ? "taken" : "sent"));
      if (!decided) return;
      client.setQueryData<Item>([...ALL, "item", item.task_id], (known) => known && { ...known, claimed_by: by });
      client.setQueriesData<Page<Row>>(
        { queryKey: LISTS },
        (page) =>
          page && {
            ...page,
            rows: page.rows.map((row) => (row.task_id === item.task_id ? { ...row, claimed_by: by } : row)),
          },
      );
    },
    onError: () => void client.invalidateQueries({ queryKey: ALL }),
  });
}
