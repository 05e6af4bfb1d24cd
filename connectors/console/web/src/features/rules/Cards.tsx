/** The document as cards: strategies in the order in which they are asked, what decides where none has, and tables. */
import { CopyOutlined, DownOutlined, PlusOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "./Choice";
import { Conditions, Remove } from "./Conditions";
import { asked } from "./conditions";
import { type Condition, nameFor, type Strategy, strategy } from "./document";
import { faultsIn, idOf, titleOf, useEditing } from "./editing";
import { FaultsAt } from "./FaultsAt";
import { Sortable } from "./Sortable";
import { Tables } from "./Tables";

export function Cards() {
  const { t } = useTranslation("rules");
  const { rules, put, add, move } = useEditing();
  const strategies = rules.strategies ?? [];
  const names = strategies.map((each) => each.name);
  const [opened, setOpened] = useState<number | null>(strategies.length === 1 ? 0 : null);
  const moved = (from: number, to: number) => {
    move(["strategies"], from, to);
    setOpened(null);
  };
  const grow = (next: Strategy) => {
    add(["strategies"], next);
    setOpened(strategies.length);
  };
  return (
    <div className="rule-cards">
      <section className="panel" id={idOf(["description"])}>
        <div className="rule-field rule-wide">
          <span>{t("description")}</span>
          <Input
            value={rules.description ?? ""}
            maxLength={1000}
            aria-label={t("description")}
            onChange={(event) => put(["description"], event.target.value || undefined)}
          />
        </div>
        <FaultsAt path={["name"]} />
        <FaultsAt path={["description"]} />
      </section>
      <h2>{t("strategies")}</h2>
      <p className="muted">{t("strategiesHint")}</p>
      <Sortable label={t("strategies")} names={names} move={moved}>
        {(at, handle) => (
          <Card
            at={at}
            handle={handle}
            open={opened === at}
            toggle={() => setOpened(opened === at ? null : at)}
            copy={() => {
              const it = strategies[at];
              if (it) grow({ ...it, name: nameFor(it.name, names) });
            }}
          />
        )}
      </Sortable>
      <Button
        icon={<PlusOutlined aria-hidden />}
        onClick={() => grow(strategy(nameFor(t("newStrategy"), names), rules.default))}
      >
        {t("addStrategy")}
      </Button>
      <section className="panel rule-card" id={idOf(["default"])}>
        <h2>{t("default")}</h2>
        <p className="muted">{t("defaultHint")}</p>
        <Choice path={["default"]} choice={rules.default} />
      </section>
      <Tables />
    </div>
  );
}

interface CardProps {
  at: number;
  handle: ReactNode;
  open: boolean;
  toggle: () => void;
  copy: () => void;
}

function Card({ at, handle, open, toggle, copy }: CardProps) {
  const { t } = useTranslation("rules");
  const { rules, put, faults } = useEditing();
  const it = rules.strategies?.[at];
  if (!it) return null;
  const path = ["strategies", at] as const;
  const wrong = faultsIn(faults, path).length;
  const Arrow = open ? DownOutlined : RightOutlined;
  return (
    <article className="panel rule-card" id={idOf(path)} aria-label={it.name}>
      <header className="rule-line">
        {handle}
        <span className="rule-number num">{at + 1}</span>
        <button type="button" className="rule-title" aria-expanded={open} onClick={toggle}>
          <Arrow aria-hidden /> <strong>{it.name || t("unnamed")}</strong>
        </button>
        {wrong > 0 && <span className="rule-wrong">{t("wrong", { count: wrong })}</span>}
        <span className="rule-ends">
          <Button
            type="text"
            size="small"
            icon={<CopyOutlined aria-hidden />}
            aria-label={t("copy", { name: it.name })}
            title={t("copy", { name: it.name })}
            onClick={copy}
          />
          <Remove label={t("remove", { name: it.name })} remove={() => put(path, undefined)} />
        </span>
      </header>
      {open ? <Inside at={at} it={it} /> : <Summary it={it} />}
    </article>
  );
}

function Summary({ it }: { it: Strategy }) {
  const { t } = useTranslation("rules");
  const { catalogue } = useEditing();
  const asks = it.when ?? [];
  const said = (each: Condition) => {
    const unit = catalogue.conditions.find(({ name }) => name === each.field)?.unit ?? "";
    const words = { yes: t("op.yes"), no: t("op.no") };
    return asked(
      each,
      titleOf(catalogue.conditions, each.field),
      unit && t(`unit.${unit}`, { defaultValue: unit }),
      words,
    );
  };
  return (
    <p className="rule-summary">
      <span>
        {asks.length > 0 ? t("asks", { facts: asks.map((each) => said(each)).join(t("comma")) }) : t("everyOrder")}
      </span>
      {(it.filters ?? []).length > 0 && (
        <span>
          {t("refuses", {
            filters: (it.filters ?? []).map((each) => titleOf(catalogue.filters, String(each.filter))).join(t("comma")),
          })}
        </span>
      )}
      <span>
        {t("ranks", {
          criteria: it.rank.criteria.map((each) => titleOf(catalogue.criteria, String(each.by))).join(" › "),
        })}
      </span>
    </p>
  );
}

function Inside({ at, it }: { at: number; it: Strategy }) {
  const { t } = useTranslation("rules");
  const { put } = useEditing();
  const path = ["strategies", at] as const;
  const then = (what: "partial" | "none") => (
    <div className="rule-field">
      <span>{t(`then.${what}`)}</span>
      <Select
        size="small"
        aria-label={t(`then.${what}`)}
        value={it.then?.[what] === "backorder" ? "backorder" : "next"}
        onChange={(value) => put([...path, "then", what], value === "next" ? undefined : value)}
        options={(["next", "backorder"] as const).map((value) => ({ value, label: t(`after.${value}`) }))}
        popupMatchSelectWidth={false}
      />
    </div>
  );
  return (
    <div className="rule-inside">
      <div className="rule-field rule-wide">
        <span>{t("name")}</span>
        <Input
          size="small"
          value={it.name}
          maxLength={64}
          aria-label={t("name")}
          onChange={(event) => put([...path, "name"], event.target.value)}
        />
      </div>
      <FaultsAt path={[...path, "name"]} />
      <FaultsAt path={path} alone />
      <section>
        <h4>{t("conditions")}</h4>
        <Conditions path={[...path, "when"]} conditions={it.when ?? []} />
      </section>
      <Choice path={path} choice={it} />
      <section id={idOf([...path, "then"])}>
        <h4>{t("afterwards")}</h4>
        <div className="rule-fields">
          {then("partial")}
          {then("none")}
        </div>
        <FaultsAt path={[...path, "then"]} />
      </section>
    </div>
  );
}
