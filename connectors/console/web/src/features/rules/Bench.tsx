/** The test bench: an order that one writes down, or the newest orders, decided by the draft and by what decides today. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Input, InputNumber, Segmented } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Remove } from "./Conditions";
import { Decided, senders } from "./Decided";
import { type Fault, type Tried, useTry, useTryRecent } from "./queries";
import type { Draft } from "./useDraft";

const RECENT = 20;

interface Line {
  sku: string;
  quantity: number;
}

export function Bench({ draft }: { draft: Draft }) {
  const { t } = useTranslation("rules");
  const { can } = useSession();
  const [way, setWay] = useState<"given" | "recent">("given");
  const digest = draft.isJudged ? draft.judgement?.digest : null;
  const held = () => digest && draft.wasTried(digest);
  return (
    <div className="rule-bench">
      {can("orders.read") && (
        <Segmented
          aria-label={t("bench.way")}
          value={way}
          onChange={setWay}
          options={(["given", "recent"] as const).map((value) => ({ value, label: t(`bench.${value}`) }))}
        />
      )}
      {!digest && <p className="muted">{t("rightFirst")}</p>}
      {way === "given" ? (
        <Given text={draft.text} ready={Boolean(digest)} held={held} />
      ) : (
        <Recent text={draft.text} ready={Boolean(digest)} held={held} />
      )}
    </div>
  );
}

interface Props {
  text: string;
  ready: boolean;
  held: () => void;
}

function Given({ text, ready, held }: Props) {
  const { t } = useTranslation("rules");
  const id = useId();
  const [order, setOrder] = useState({ province: "浙江", city: "", channel: "", shop: "" });
  const [total, setTotal] = useState<number | null>(null);
  const [lines, setLines] = useState<Line[]>([{ sku: "", quantity: 1 }]);
  const tried = useTry();
  const words = Object.fromEntries(Object.entries(order).filter(([, value]) => value !== ""));
  const asked = { ...words, ...(total !== null && { total_minor: total }), lines };
  const line = (at: number, next: Line) => setLines(lines.map((each, number) => (number === at ? next : each)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        tried.mutate({ text, order: asked }, { onSuccess: held });
      }}
    >
      <div className="rule-order">
        {(["province", "city", "channel", "shop"] as const).map((name) => (
          <div className="field" key={name}>
            <label htmlFor={`${id}-${name}`}>{t(`order.${name}`)}</label>
            <Input
              id={`${id}-${name}`}
              size="small"
              value={order[name]}
              onChange={(event) => setOrder({ ...order, [name]: event.target.value })}
            />
          </div>
        ))}
        <div className="field">
          <label htmlFor={`${id}-total`}>{t("order.total")}</label>
          <InputNumber id={`${id}-total`} size="small" min={0} precision={0} value={total} onChange={setTotal} />
        </div>
      </div>
      {lines.map((it, at) => (
        <div className="rule-line" key={at}>
          <Input
            size="small"
            aria-label={t("order.sku", { number: at + 1 })}
            placeholder={t("order.sku", { number: at + 1 })}
            value={it.sku}
            onChange={(event) => line(at, { ...it, sku: event.target.value })}
          />
          <InputNumber
            size="small"
            min={1}
            precision={0}
            aria-label={t("order.pieces", { number: at + 1 })}
            value={it.quantity}
            onChange={(quantity) => line(at, { ...it, quantity: quantity ?? 1 })}
          />
          {lines.length > 1 && (
            <Remove
              label={t("order.without", { number: at + 1 })}
              remove={() => setLines(lines.filter((_, number) => number !== at))}
            />
          )}
        </div>
      ))}
      <div className="deeds">
        <Button
          size="small"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => setLines([...lines, { sku: "", quantity: 1 }])}
        >
          {t("order.more")}
        </Button>
        <Button type="primary" size="small" htmlType="submit" disabled={!ready} loading={tried.isPending}>
          {t("bench.decide")}
        </Button>
      </div>
      {tried.error && <Alert type="error" showIcon title={tried.error.message} />}
      {tried.data && <Faults faults={tried.data.faults} />}
      {tried.data && tried.data.faults.length === 0 && <Sides tried={tried.data.tried} />}
    </form>
  );
}

function Faults({ faults }: { faults: readonly Fault[] }) {
  return (
    <ul className="rule-faults">
      {faults.map((fault) => (
        <li key={fault.where}>
          <code>{fault.where}</code> {fault.says}
        </li>
      ))}
    </ul>
  );
}

function Sides({ tried }: { tried: Tried }) {
  const { t } = useTranslation("rules");
  if (tried.none) return <Alert type="warning" showIcon title={tried.none} />;
  return (
    <>
      <h3>{t("bench.draft")}</h3>
      {tried.draft && <Decided decision={tried.draft} />}
      <h3>{t("bench.today")}</h3>
      {tried.today && <Decided decision={tried.today} />}
    </>
  );
}

function Recent({ text, ready, held }: Props) {
  const { t } = useTranslation("rules");
  const recent = useTryRecent(RECENT);
  const [opened, setOpened] = useState<string>();
  const rows = recent.data ?? [];
  const otherwise = rows.filter((row) => senders(row.draft) !== senders(row.today)).length;
  const shown = rows.find((row) => row.order_id === opened);
  return (
    <>
      <p className="muted">{t("bench.recentHint", { count: RECENT })}</p>
      <Button
        type="primary"
        size="small"
        disabled={!ready}
        loading={recent.isPending}
        onClick={() => recent.mutate(text, { onSuccess: held })}
      >
        {t("bench.decideAll")}
      </Button>
      {recent.error && <Alert type="error" showIcon title={recent.error.message} />}
      {recent.data && (
        <p role="status">
          {rows.length === 0 ? t("bench.noOrders") : t("bench.otherwise", { count: otherwise, all: rows.length })}
        </p>
      )}
      {rows.length > 0 && (
        <table className="table" aria-label={t("bench.recent")}>
          <thead>
            <tr>
              <th scope="col">{t("bench.order")}</th>
              <th scope="col">{t("bench.today")}</th>
              <th scope="col">{t("bench.draft")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.order_id} aria-current={row.order_id === opened ? true : undefined}>
                <td>
                  <button type="button" className="linklike" onClick={() => setOpened(row.order_id)}>
                    {row.order_id}
                  </button>
                </td>
                {row.none ? (
                  <td colSpan={2}>{row.none}</td>
                ) : (
                  <>
                    <td>{senders(row.today) || t("waits")}</td>
                    <td className={senders(row.draft) === senders(row.today) ? undefined : "rule-other"}>
                      {senders(row.draft) || t("waits")}
                    </td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown && <Sides tried={shown} />}
    </>
  );
}
