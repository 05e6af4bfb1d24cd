/** What is done to the rows that were chosen: seen through first, then done row by row, with a result for each. */
import "./bulk.css";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

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

/** Comes when it is first opened. */
const Doing = lazy(() => import("./Doing"));

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
      {opened && (
        <Suspense>
          <Doing deed={opened} rows={rows} close={close} />
        </Suspense>
      )}
    </div>
  );
}
