/** Telling again what was given up: why, and what is put right of it. */
import type { QueryKey } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { Keys } from "../hotkeys/Keys";
import { useHotkeys } from "../hotkeys/useHotkeys";
import { useDeed } from "./useDeed";

type Told = Record<string, string>;

interface Props<Row> {
  label: string;
  /** The last is why, and has to be said. */
  fields: readonly { name: string; label: string; hint: string }[];
  /** `key`: by which the server knows the deed, however often it is sent. */
  send: (told: Told, key: string) => Promise<unknown>;
  lists: QueryKey;
  all: QueryKey;
  isRow: (row: Row) => boolean;
  next: () => void;
}

export function Redrive<Row>({ label, fields, send, lists, all, isRow, next }: Props<Row>) {
  const form = useId();
  const [told, setTold] = useState<Told>(() => Object.fromEntries(fields.map(({ name }) => [name, ""])));
  const again = useDeed<Row, Told>(send, { lists, all, isRow, next });
  const [first, because] = [fields[0]?.name, fields.at(-1)?.name ?? ""];
  const ready = (told[because] ?? "").trim() !== "" && !again.isPending;
  useHotkeys({
    edit: () => document.getElementById(`${form}-${first}`)?.focus(),
    ...(ready && { send: () => again.mutate(told) }),
  });
  return (
    <section className="deed-form">
      {fields.map((field) => (
        <div className="field" key={field.name}>
          <label htmlFor={`${form}-${field.name}`}>{field.label}</label>
          <Input
            id={`${form}-${field.name}`}
            value={told[field.name] ?? ""}
            placeholder={field.hint}
            onChange={(event) => setTold({ ...told, [field.name]: event.target.value })}
          />
        </div>
      ))}
      {again.error && <Alert type="error" showIcon role="alert" title={again.error.message} />}
      <div className="deeds">
        <Button type="primary" disabled={!ready} loading={again.isPending} onClick={() => again.mutate(told)}>
          {label} <Keys of="send" />
        </Button>
      </div>
    </section>
  );
}
