/** A person's word about the order: hold it, let it go, end it. */
import "../../shared/desk/desk.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { newKey } from "../../shared/desk/useDeed";
import { useReasons } from "../../shared/i18n/useWord";
import { decide, type Story, type Verb } from "./queries";

/** Nothing more can be said about these. */
const OVER = new Set(["SHIPPED", "CANCELLED", "ELSEWHERE"]);
/** The tables have it a second or so after Kafka. */
const TABLES_MS = 2_500;

export function Deeds({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const { can } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const reasons = useReasons();
  const id = useId();
  const [because, setBecause] = useState("");
  const key = useRef(newKey());
  const deed = useMutation({
    mutationFn: (verb: Verb) => decide(verb, order.order_id, because, key.current),
    onSuccess: ({ decided, says }) => {
      key.current = newKey();
      setBecause("");
      void message.success(decided ? t("applied", { says: reasons(says) }) : t("sent"));
      setTimeout(() => void client.invalidateQueries({ queryKey: ["order", order.order_id] }), TABLES_MS);
    },
  });
  if (!can("orders.decide") || !order.status || OVER.has(order.status)) return null;
  const verbs: readonly Verb[] = order.status === "HELD" ? ["release", "cancel"] : ["hold", "cancel"];
  return (
    <section className="panel deed-form" aria-labelledby="deeds">
      <h2 id="deeds">{t("deeds")}</h2>
      <div className="field">
        <label htmlFor={id}>{t("deedBecause")}</label>
        <Input
          id={id}
          value={because}
          onChange={(event) => setBecause(event.target.value)}
          maxLength={1000}
          placeholder={t("deedHint")}
        />
      </div>
      {deed.error && <Alert type="error" showIcon role="alert" title={deed.error.message} />}
      <div className="deeds">
        {verbs.map((verb) => (
          <Button
            key={verb}
            danger={verb === "cancel"}
            disabled={because.trim() === "" || deed.isPending}
            loading={deed.isPending && deed.variables === verb}
            onClick={() => deed.mutate(verb)}
          >
            {t(verb)}
          </Button>
        ))}
      </div>
    </section>
  );
}
