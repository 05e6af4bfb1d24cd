/** The conditions of a strategy or a row: all of them have to be met. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { asking, condition, type FactType, OPERATORS, type Operator, operatorOf } from "./conditions";
import type { Condition, Path } from "./document";
import { faultsIn, idOf, titleOf, useEditing } from "./editing";
import { FaultsAt } from "./FaultsAt";
import { Names } from "./Names";

export function Conditions({ path, conditions }: { path: Path; conditions: readonly Condition[] }) {
  const { t } = useTranslation("rules");
  const { add, catalogue } = useEditing();
  const options = catalogue.conditions.map(({ name, title }) => ({ value: name, label: title }));
  const chosen = (name: string) => {
    const entry = catalogue.conditions.find((each) => each.name === name);
    if (entry) add(path, condition(name, entry.type, entry.of_lines));
  };
  return (
    <fieldset className="rule-tree" aria-label={t("conditions")}>
      <p className="rule-joint">{conditions.length > 0 ? t("allOf") : t("everyOrder")}</p>
      <ul>
        {conditions.map((each, at) => (
          <li key={at}>
            <One path={[...path, at]} it={each} />
          </li>
        ))}
        <li>
          <Select<string>
            size="small"
            className="rule-add"
            variant="borderless"
            prefix={<PlusOutlined aria-hidden />}
            aria-label={t("addCondition")}
            placeholder={t("addCondition")}
            value={null as unknown as string}
            onChange={chosen}
            options={options}
            showSearch={{ optionFilterProp: "label" }}
            popupMatchSelectWidth={260}
          />
        </li>
      </ul>
      <FaultsAt path={path} alone />
    </fieldset>
  );
}

function One({ path, it }: { path: Path; it: Condition }) {
  const { t } = useTranslation("rules");
  const { put, catalogue, faults } = useEditing();
  const entry = catalogue.conditions.find((each) => each.name === it.field);
  const name = titleOf(catalogue.conditions, it.field);
  const operator = operatorOf(it);
  const type = (entry?.type || (it.is !== undefined ? "yes_no" : it.in ? "text" : "number")) as FactType;
  const set = (next: Condition) => put(path, next);
  const number = (field: "at_least" | "at_most") => (
    <InputNumber
      size="small"
      min={0}
      precision={0}
      aria-label={`${name} ${t(`op.${field === "at_least" ? "atLeast" : "atMost"}`)}`}
      value={it[field]}
      onChange={(value) => set({ ...it, [field]: value ?? 0 })}
    />
  );
  const asks = it.at_least !== undefined || it.at_most !== undefined;
  return (
    <div id={idOf(path)} className="rule-row">
      <div className="rule-line">
        {it.lines !== undefined && (
          <Select
            size="small"
            aria-label={t("lines.label", { name })}
            value={it.lines}
            onChange={(lines) => set({ ...it, lines })}
            options={(["any", "all"] as const).map((value) => ({ value, label: t(`lines.${value}`) }))}
          />
        )}
        <strong>{name}</strong>
        <Select<Operator>
          size="small"
          aria-label={t("operator", { name })}
          value={operator}
          onChange={(next) => set(asking(it, next))}
          options={(OPERATORS[type] ?? OPERATORS.text).map((value) => ({ value, label: t(`op.${value}`) }))}
          popupMatchSelectWidth={false}
        />
        {it.in !== undefined && (
          <Names
            label={t("values", { name })}
            value={it.in}
            change={(names) => set({ ...it, in: names })}
            bad={faultsIn(faults, path).length > 0}
          />
        )}
        {asks && it.at_least !== undefined && number("at_least")}
        {asks && it.at_least !== undefined && it.at_most !== undefined && <span>{t("to")}</span>}
        {asks && it.at_most !== undefined && number("at_most")}
        {entry?.unit && <span className="muted">{t(`unit.${entry.unit}`, { defaultValue: entry.unit })}</span>}
        <Remove label={t("remove", { name })} remove={() => put(path, undefined)} />
      </div>
      <FaultsAt path={path} />
    </div>
  );
}

export function Remove({ label, remove }: { label: string; remove: () => void }) {
  return (
    <Button
      className="rule-remove"
      type="text"
      size="small"
      icon={<DeleteOutlined aria-hidden />}
      aria-label={label}
      title={label}
      onClick={remove}
    />
  );
}
