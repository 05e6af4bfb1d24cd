/** The questions a list answers, and those that are asked now: each a chip that can be taken away. */
import { CloseOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, type InputRef, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Keys } from "../hotkeys/Keys";
import { useHotkeys } from "../hotkeys/useHotkeys";
import type { Search } from "../url/search";
import { Days } from "./Days";
import type { Filter } from "./types";

interface Props {
  filters: readonly Filter[];
  values: Search;
  set: (changes: Record<string, string | undefined>) => void;
  clear: () => void;
}

export function FilterBar({ filters, values, set, clear }: Props) {
  const { t } = useTranslation();
  const asked = filters.flatMap((filter) => {
    const value = values[filter.id];
    return value ? [{ filter, value }] : [];
  });
  const fields = filters.filter(({ kind }) => kind !== "day" && kind !== "hidden");
  const days = filters.filter(({ kind }) => kind === "day");
  return (
    <search className="filters">
      <div className="filter-fields">
        {fields.map((filter) => (
          <Field
            key={filter.id}
            filter={filter}
            value={values[filter.id]}
            set={(value) => set({ [filter.id]: value })}
          />
        ))}
        {days.length > 0 && <Days filters={days} values={values} set={set} />}
      </div>
      {asked.length > 0 && (
        <ul className="chips" aria-label={t("table.asked")}>
          {asked.map(({ filter, value }) => (
            <li key={filter.id} className="chip">
              {t("table.chip", { label: filter.label, value: named(filter, value) })}
              <button
                type="button"
                onClick={() => set({ [filter.id]: undefined })}
                aria-label={t("table.without", { label: filter.label })}
              >
                <CloseOutlined aria-hidden />
              </button>
            </li>
          ))}
          <li>
            <Button type="link" size="small" onClick={clear}>
              {t("table.clear")}
            </Button>
          </li>
        </ul>
      )}
    </search>
  );
}

function named(filter: Filter, value: string): string {
  if (filter.kind === "hidden") return filter.named(value);
  return (filter.kind === "choice" && filter.choices.find((choice) => choice.value === value)?.label) || value;
}

interface FieldProps {
  filter: Filter;
  value: string | undefined;
  set: (value: string | undefined) => void;
}

function Field({ filter, value, set }: FieldProps) {
  if (filter.kind === "choice")
    return (
      <Select
        className="filter-choice"
        aria-label={filter.label}
        placeholder={filter.label}
        value={value ?? null}
        onChange={(chosen: string | null) => set(chosen ?? undefined)}
        options={[...filter.choices]}
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={false}
      />
    );
  return <Text filter={filter} value={value} set={set} />;
}

/** Asked on Enter or on leaving it, not letter by letter: each question is one to the database. */
function Text({ filter, value, set }: FieldProps) {
  const [text, setText] = useState(value ?? "");
  const input = useRef<InputRef>(null);
  const search = filter.kind === "search";
  useEffect(() => setText(value ?? ""), [value]);
  useHotkeys(search ? { search: () => input.current?.focus({ cursor: "all" }) } : {});
  const ask = () => {
    const trimmed = text.trim();
    if (trimmed !== (value ?? "")) set(trimmed || undefined);
  };
  return (
    <Input
      ref={input}
      className={search ? "filter-search" : "filter-text"}
      aria-label={filter.label}
      placeholder={search ? filter.hint : filter.label}
      {...(search && { prefix: <SearchOutlined aria-hidden />, suffix: <Keys of="search" /> })}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={ask}
      onBlur={ask}
      allowClear={!search}
      onClear={() => set(undefined)}
    />
  );
}
