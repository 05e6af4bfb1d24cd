/** How a strategy chooses: what refuses warehouses, what they are ranked by, and how the order is shared between them. */
import { PlusOutlined } from "@ant-design/icons";
import { InputNumber, Segmented, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Remove } from "./Conditions";
import { type Choice as Chosen, criterion, type Taking as Given, inMode, MODES, type Path } from "./document";
import { idOf, titleOf, useEditing } from "./editing";
import { FaultsAt } from "./FaultsAt";
import { Names } from "./Names";
import type { Entry } from "./queries";
import { Sortable } from "./Sortable";
import { blank, Taking } from "./Taking";

export function Choice({ path, choice }: { path: Path; choice: Chosen }) {
  return (
    <>
      <Filters path={[...path, "filters"]} filters={choice.filters ?? []} />
      <Ranking path={[...path, "rank"]} rank={choice.rank} />
      <Allocation path={[...path, "allocate"]} allocate={choice.allocate ?? {}} />
    </>
  );
}

function Filters({ path, filters }: { path: Path; filters: readonly Given[] }) {
  const { t } = useTranslation("rules");
  const { put, add, catalogue } = useEditing();
  return (
    <section>
      <h4>{t("filters")}</h4>
      <ul className="rule-list">
        {filters.map((it, at) => {
          const name = titleOf(catalogue.filters, String(it.filter));
          return (
            <li key={at} id={idOf([...path, at])} className="rule-row">
              <div className="rule-line">
                <strong>{name}</strong>
                <Taking
                  path={[...path, at]}
                  it={it}
                  entry={catalogue.filters.find((each) => each.name === it.filter)}
                />
                <Remove label={t("remove", { name })} remove={() => put([...path, at], undefined)} />
              </div>
              <FaultsAt path={[...path, at]} />
            </li>
          );
        })}
      </ul>
      <Adding label={t("addFilter")} entries={catalogue.filters} add={(entry) => add(path, blank("filter", entry))} />
      <FaultsAt path={path} alone />
    </section>
  );
}

function Ranking({ path, rank }: { path: Path; rank: Chosen["rank"] }) {
  const { t } = useTranslation("rules");
  const { put, add, move, catalogue } = useEditing();
  const names = rank.criteria.map((it) => titleOf(catalogue.criteria, String(it.by)));
  return (
    <section id={idOf(path)}>
      <h4>{t("rank")}</h4>
      <Segmented
        size="small"
        aria-label={t("mode")}
        value={rank.mode}
        onChange={(mode) => put(path, inMode(rank, mode))}
        options={MODES.map((value) => ({ value, label: t(`modes.${value}`) }))}
      />
      <p className="muted">{t(`modeHint.${rank.mode}`, { defaultValue: "" })}</p>
      <Sortable label={t("rank")} names={names} move={(from, to) => move([...path, "criteria"], from, to)}>
        {(at, handle) => {
          const place = [...path, "criteria", at];
          const it = rank.criteria[at] ?? {};
          const name = names[at] ?? "";
          return (
            <div id={idOf(place)} className="rule-row">
              <div className="rule-line">
                {handle}
                <strong>{name}</strong>
                <Taking path={place} it={it} entry={catalogue.criteria.find((each) => each.name === it.by)} />
                {(rank.mode === "weighted" || it.weight !== undefined) && (
                  <div className="rule-field">
                    <span>{t("weight")}</span>
                    <InputNumber
                      size="small"
                      min={0}
                      max={10_000}
                      precision={0}
                      aria-label={`${name} ${t("weight")}`}
                      value={typeof it.weight === "number" ? it.weight : null}
                      onChange={(value) => put([...place, "weight"], value ?? 0)}
                    />
                  </div>
                )}
                {(rank.mode === "banded" || it.bands !== undefined) && (
                  <Names
                    label={`${name} ${t("bands")}`}
                    value={(Array.isArray(it.bands) ? it.bands : []).map(String)}
                    change={(limits) => put([...place, "bands"], numbers(limits))}
                  />
                )}
                <Remove label={t("remove", { name })} remove={() => put(place, undefined)} />
              </div>
              <FaultsAt path={place} />
            </div>
          );
        }}
      </Sortable>
      <Adding
        label={t("addCriterion")}
        entries={catalogue.criteria}
        add={(entry) => add([...path, "criteria"], blank("by", entry, criterion(entry.name, rank.mode)))}
      />
      <FaultsAt path={[...path, "criteria"]} alone />
      <FaultsAt path={[...path, "mode"]} />
    </section>
  );
}

/** What is no number is not taken; none at all: there are no bands. */
const numbers = (texts: readonly string[]) => {
  const found = texts.filter((text) => /^\d{1,15}$/.test(text.trim())).map(Number);
  return found.length > 0 ? found : undefined;
};

const SPLITS = ["most_first", "in_order", "fewest"] as const;
const TOGETHER = ["nothing", "line", "bundle"] as const;
const CARRIERS = ["cheapest", "fastest"] as const;

function Allocation({ path, allocate }: { path: Path; allocate: Given }) {
  const { t } = useTranslation("rules");
  const { put } = useEditing();
  const word = (field: string, values: readonly string[]) => (
    <div className="rule-field">
      <span>{t(`allocate.${field}`, { defaultValue: field })}</span>
      <Select
        size="small"
        aria-label={t(`allocate.${field}`, { defaultValue: field })}
        value={typeof allocate[field] === "string" ? (allocate[field] as string) : values[0]}
        // The first is what holds where nothing is said.
        onChange={(value) => put([...path, field], value === values[0] ? undefined : value)}
        options={values.map((value) => ({ value, label: t(`choice.${value}`, { defaultValue: value }) }))}
        popupMatchSelectWidth={false}
      />
    </div>
  );
  const number = (field: string, least: number) => (
    <div className="rule-field">
      <span>{t(`allocate.${field}`, { defaultValue: field })}</span>
      <InputNumber
        size="small"
        min={least}
        precision={0}
        aria-label={t(`allocate.${field}`, { defaultValue: field })}
        placeholder={t("none")}
        value={typeof allocate[field] === "number" ? (allocate[field] as number) : null}
        onChange={(value) => put([...path, field], value ?? undefined)}
      />
    </div>
  );
  return (
    <section id={idOf(path)}>
      <h4>{t("allocation")}</h4>
      <div className="rule-fields">
        {word("split", SPLITS)}
        {number("max_parcels", 1)}
        {word("keep_together", TOGETHER)}
        {number("min_value", 0)}
        {word("carrier", CARRIERS)}
      </div>
      <FaultsAt path={path} />
    </section>
  );
}

interface AddingProps {
  label: string;
  entries: readonly Entry[];
  add: (entry: Entry) => void;
}

function Adding({ label, entries, add }: AddingProps) {
  return (
    <Select<string>
      size="small"
      className="rule-add"
      variant="borderless"
      prefix={<PlusOutlined aria-hidden />}
      aria-label={label}
      placeholder={label}
      value={null as unknown as string}
      onChange={(name) => {
        const entry = entries.find((each) => each.name === name);
        if (entry) add(entry);
      }}
      options={entries.map(({ name, title }) => ({ value: name, label: title }))}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={260}
    />
  );
}
