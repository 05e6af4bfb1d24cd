/** The window of a deed that is done to many rows: what would come of it, why, and what came of each. */
import { Alert, Button, Input } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { newKey } from "../desk/useDeed";
import { Dialog } from "../dialog/Dialog";
import { Status } from "../status/Status";
import type { BulkDeed } from "./Bulk";
import { type Results, run } from "./run";

interface Props {
  deed: BulkDeed;
  /** Keys of the rows, and what each is called. */
  rows: ReadonlyMap<string, string>;
  /** `did`: something was begun. */
  close: (did: boolean) => void;
}

export default function Doing({ deed, rows, close }: Props) {
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
