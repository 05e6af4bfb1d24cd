/** What is done to the rows that were chosen: seen through first, then done row by row, with a result for each. */
import "./bulk.css";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { newKey } from "../desk/useDeed";
import { Dialog } from "../dialog/Dialog";
import { Status } from "../status/Status";
import { type Results, run } from "./run";

export interface BulkDeed {
  label: string;
  /** What would come of it, in words; none: nobody can say before. */
  foresee?: (row: string) => Promise<string>;
  /** `key`: by which the server knows the deed of this row, however often it is sent. */
  send: (row: string, because: string, key: string) => Promise<unknown>;
}

interface Props {
  deeds: readonly BulkDeed[];
  /** Keys of the rows, and what each is called. */
  rows: ReadonlyMap<string, string>;
  /** What is asked again when it is done. */
  all: QueryKey;
  /** Chooses none. */
  clear: () => void;
}

const TABLES_MS = 2_500;

export function Bulk({ deeds, rows, all, clear }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [opened, setOpened] = useState<BulkDeed>();
  if (rows.size === 0) return <span className="muted">{t("bulk.hint")}</span>;
  const close = (did: boolean) => {
    setOpened(undefined);
    if (!did) return;
    clear();
    setTimeout(() => void client.invalidateQueries({ queryKey: all }), TABLES_MS);
  };
  return (
    <div className="bulk-bar">
      <strong>{t("bulk.chosen", { count: rows.size })}</strong>
      {deeds.map((deed) => (
        <Button key={deed.label} size="small" onClick={() => setOpened(deed)}>
          {deed.label}
        </Button>
      ))}
      <Button size="small" type="link" onClick={clear}>
        {t("bulk.none")}
      </Button>
      {opened && <Doing deed={opened} rows={rows} close={close} />}
    </div>
  );
}

function Doing({ deed, rows, close }: Pick<Props, "rows"> & { deed: BulkDeed; close: (did: boolean) => void }) {
  const { t } = useTranslation();
  const id = useId();
  // As it was when the window was opened: what is done takes rows from the list.
  const [them] = useState(() => [...rows]);
  const [because, setBecause] = useState("");
  const [foreseen, setForeseen] = useState<Results>(new Map());
  const [results, setResults] = useState<Results>();
  const [running, setRunning] = useState(false);
  const keys = useRef(new Map(them.map(([row]) => [row, newKey()])));
  const stopped = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the window opens
  useEffect(() => {
    let gone = false;
    const { foresee } = deed;
    if (foresee)
      void run(
        them.map(([row]) => row),
        foresee,
        setForeseen,
        () => gone,
      );
    return () => {
      gone = true;
      stopped.current = true;
    };
  }, []);
  const begin = async () => {
    setRunning(true);
    stopped.current = false;
    const send = async (row: string) => {
      await deed.send(row, because, keys.current.get(row) ?? "");
      return "";
    };
    await run(
      them.map(([row]) => row),
      send,
      setResults,
      () => stopped.current,
    );
    setRunning(false);
  };
  const failed = [...(results?.values() ?? [])].filter(({ state }) => state === "failed").length;
  return (
    <Dialog
      title={t("bulk.title", { label: deed.label, count: them.length })}
      close={() => close(results !== undefined)}
    >
      <ul className="bulk-rows" aria-label={t("bulk.rows")}>
        {them.map(([row, name]) => {
          const result = results?.get(row);
          const before = foreseen.get(row);
          return (
            <li key={row}>
              <span className="num">{name}</span>
              {result ? (
                <Status tone={result.state === "done" ? "ok" : "bad"}>{result.says || t("bulk.done")}</Status>
              ) : (
                before && <span className="muted">{before.says}</span>
              )}
            </li>
          );
        })}
      </ul>
      {results && !running && (
        <Alert
          showIcon
          role="status"
          type={failed > 0 || results.size < them.length ? "warning" : "success"}
          title={t("bulk.ended", { done: results.size - failed, failed, left: them.length - results.size })}
        />
      )}
      {!results && !running && (
        <div className="field">
          <label htmlFor={id}>{t("bulk.because")}</label>
          <Input id={id} value={because} maxLength={1000} onChange={(event) => setBecause(event.target.value)} />
        </div>
      )}
      <div className="deeds">
        {!results && !running && (
          <Button type="primary" disabled={because.trim() === ""} onClick={() => void begin()}>
            {t("bulk.begin", { count: them.length })}
          </Button>
        )}
        {running && (
          <Button
            onClick={() => {
              stopped.current = true;
            }}
          >
            {t("bulk.stop")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
