/** The draft held against what was decided in the last days: a run at the server, with its progress and what it found. */
import { Alert, Button, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { count } from "../../shared/format/format";
import { Time } from "../../shared/format/Time";
import { Decided } from "./Decided";
import { type Comparison, type Counterfactual, useCounterfactual, useStart, useStop } from "./queries";
import type { Draft } from "./useDraft";

const DAYS = [1, 3, 7, 14] as const;

export function Past({ draft }: { draft: Draft }) {
  const { t } = useTranslation("rules");
  const { can } = useSession();
  const [days, setDays] = useState<number>(7);
  const last = useCounterfactual().data;
  const start = useStart();
  const stop = useStop();
  const digest = draft.isJudged ? draft.judgement?.digest : null;
  const runs = last?.state === "running";
  const done = last?.state === "done" && last.digest === digest ? digest : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each document that was run through
  useEffect(() => {
    if (done) draft.wasTried(done);
  }, [done]);
  const error = start.error ?? stop.error;
  return (
    <div className="rule-past">
      <p className="muted">{t("past.hint")}</p>
      {can("rules.edit") && (
        <div className="rule-line">
          <Select
            size="small"
            aria-label={t("past.days")}
            value={days}
            onChange={setDays}
            options={DAYS.map((value) => ({ value, label: t("past.last", { count: value }) }))}
            popupMatchSelectWidth={false}
          />
          <Button
            type="primary"
            size="small"
            disabled={!digest || runs}
            loading={start.isPending}
            onClick={() => start.mutate({ text: draft.text, days })}
          >
            {t("past.start")}
          </Button>
          {runs && (
            <Button size="small" danger loading={stop.isPending} onClick={() => stop.mutate()}>
              {t("past.stop")}
            </Button>
          )}
        </div>
      )}
      {error && <Alert type="error" showIcon title={error.message} />}
      {last && <Run it={last} own={last.digest === digest} />}
    </div>
  );
}

function Run({ it, own }: { it: Counterfactual; own: boolean }) {
  const { t } = useTranslation("rules");
  return (
    <>
      <p role="status">
        <strong>{it.name}</strong> {t(`past.state.${it.state}`)} · {t("past.last", { count: it.days })} · {it.by} ·{" "}
        <Time at={it.started_at} />
      </p>
      {!own && <p className="muted">{t("past.other")}</p>}
      {it.state === "running" && (
        <progress
          aria-label={t("past.progress")}
          value={it.read}
          max={Math.max(it.total, 1)}
          title={`${count(it.read)} / ${count(it.total)}`}
        />
      )}
      {it.says && <Alert type="warning" showIcon title={it.says} />}
      {it.points && <Found way="points" it={it.points} />}
      {it.sequence && <Found way="sequence" it={it.sequence} />}
    </>
  );
}

const FIGURES = [
  "orders",
  "backordered",
  "parcels",
  "parcels_per_order",
  "split",
  "km_per_parcel",
  "freight_minor_per_parcel",
  "arrival_minutes",
] as const;

function Found({ way, it }: { way: "points" | "sequence"; it: Comparison }) {
  const { t } = useTranslation("rules");
  const figure = (value: number | null) => (value === null ? t("unknown") : count(value));
  return (
    <section>
      <h3>{t(`past.${way}`)}</h3>
      <p className="muted">
        {way === "points"
          ? t("past.coverage", { known: count(it.known ?? 0), all: count(it.decisions ?? 0) })
          : t("past.fidelity", { same: count(it.as_recorded ?? 0), all: count(it.orders) })}
      </p>
      <table className="table" aria-label={t(`past.${way}`)}>
        <thead>
          <tr>
            <th scope="col">{t("past.figure")}</th>
            <th scope="col" className="end">
              {t("past.before")}
            </th>
            <th scope="col" className="end">
              {t("bench.draft")}
            </th>
          </tr>
        </thead>
        <tbody>
          {FIGURES.map((name) => (
            <tr key={name}>
              <td>{t(`figure.${name}`)}</td>
              <td className="end num">{figure(it.before[name])}</td>
              <td className="end num">{figure(it.draft[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t("past.otherwise", { count: it.decided_otherwise, all: count(it.orders) })}</p>
      <ul className="rule-moves">
        {it.moved.slice(0, 8).map((move) => (
          <li key={`${move.source} ${move.target}`} className="num">
            {move.source} → {move.target}: {count(move.orders)}
          </li>
        ))}
      </ul>
      {it.first.slice(0, 5).map((each) => (
        <details key={each.order_id}>
          <summary>
            {each.order_id}: {each.source} → {each.target}
          </summary>
          <Decided decision={each.draft} />
        </details>
      ))}
    </section>
  );
}
