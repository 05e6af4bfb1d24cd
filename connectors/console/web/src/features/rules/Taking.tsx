/** A filter or a criterion: its name, and a field for each value that it takes, as the server's catalogue has them. */
import { Checkbox, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Taking as Given, Path, Plain } from "./document";
import { useEditing } from "./editing";
import { Names } from "./Names";
import type { Entry } from "./queries";

type Field = Entry["fields"][number];

export function Taking({ path, it, entry }: { path: Path; it: Given; entry: Entry | undefined }) {
  return entry?.fields.map((field) => <Value key={field.name} path={path} it={it} field={field} entry={entry} />);
}

function Value({ path, it, field, entry }: { path: Path; it: Given; field: Field; entry: Entry }) {
  const { t } = useTranslation("rules");
  const { put, warehouses, rules } = useEditing();
  const value = it[field.name];
  const set = (next: Plain | undefined) => put([...path, field.name], next);
  const label = t(`field.${field.name}`, { defaultValue: field.name });
  const name = `${entry.title} ${label}`;
  switch (field.kind) {
    case "number":
      return (
        <div className="rule-field">
          <span>{label}</span>
          <InputNumber
            size="small"
            precision={0}
            min={field.least ?? undefined}
            max={field.most ?? undefined}
            aria-label={name}
            value={typeof value === "number" ? value : null}
            onChange={(next) => set(next ?? (field.required ? (field.least ?? 0) : undefined))}
          />
        </div>
      );
    case "names": {
      const known = field.name === "warehouses" || entry.name === "warehouses" ? warehouses : [];
      const given = Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
      return (
        <Names
          label={name}
          value={given}
          known={known}
          change={(names) => set(names.length > 0 || field.required ? names : undefined)}
        />
      );
    }
    case "yes_no":
      return (
        <Checkbox checked={value === true} onChange={(event) => set(event.target.checked ? true : undefined)}>
          {label}
        </Checkbox>
      );
    case "choice":
      return (
        <Select
          size="small"
          aria-label={name}
          value={typeof value === "string" ? value : undefined}
          onChange={(next: string) => set(next)}
          options={field.choices.map((each) => ({
            value: each,
            label: t(`choice.${each}`, { defaultValue: each }),
          }))}
          popupMatchSelectWidth={false}
        />
      );
    default:
      return field.name === "table" ? (
        <Select
          size="small"
          aria-label={name}
          placeholder={label}
          value={typeof value === "string" ? value : undefined}
          onChange={(next: string) => set(next)}
          options={(rules.tables ?? []).map((table) => ({ value: table.name, label: table.name }))}
          popupMatchSelectWidth={false}
        />
      ) : (
        <Input
          size="small"
          aria-label={name}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => set(event.target.value)}
        />
      );
  }
}

/** A new one with what it has to be given at its least. */
export function blank(tag: "filter" | "by", entry: Entry, more: Given = {}): Given {
  const made: Given = { [tag]: entry.name, ...more };
  for (const field of entry.fields)
    if (field.required) {
      if (field.kind === "number") made[field.name] = field.least ?? 0;
      else if (field.kind === "names") made[field.name] = [];
      else if (field.kind === "choice") made[field.name] = field.choices[0] ?? "";
      else made[field.name] = field.kind === "yes_no" ? false : "";
    }
  return made;
}
