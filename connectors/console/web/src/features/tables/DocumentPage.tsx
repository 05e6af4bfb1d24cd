/** One document: its live version as text, judged by the server as it is written, its versions, and who was first where two change it. */
import "../../shared/desk/desk.css";
import "./tables.css";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { useWord } from "../../shared/i18n/useWord";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import type { Search } from "../../shared/url/search";
import { type Draft, keep, kept } from "./draft";
import { Editor } from "./Editor";
import { Judged } from "./Judged";
import { type History, useHistory, useJudgement, useVersion } from "./queries";
import { useSettled } from "./useSettled";
import { Versions } from "./Versions";

const PAUSE_MS = 500;

export default function DocumentPage() {
  const { document } = useParams({ strict: false }) as { document?: string };
  const { kind } = useSearch({ strict: false }) as Search;
  const history = useHistory(document);
  const live = useVersion(document, history.data?.live ?? history.data?.newest);
  const error = history.error ?? live.error;
  if (error) return <Failed error={error} retry={() => void history.refetch()} />;
  if (document === undefined)
    return <Opened key={kind} name={`${kind ?? ""}/`} history={undefined} live={blank(kind ?? "")} />;
  if (!history.data || !live.data) return <Waiting rows={16} />;
  return <Opened key={document} name={document} history={history.data} live={live.data.text} />;
}

/** How a new one begins; the server says what it lacks. */
function blank(kind: string): string {
  return `kind = "${kind}"\nversion = 1\nname = "main"\n`;
}

interface Props {
  name: string;
  history: History | undefined;
  live: string;
}

function Opened({ name, history, live }: Props) {
  const { t } = useTranslation("tables");
  const word = useWord();
  const { can } = useSession();
  const navigate = useNavigate();
  const stands = { newest: history?.newest ?? 0, change: history?.change ?? 0 };
  const [draft, setDraft] = useState<Draft | undefined>(() => kept(name));
  const [goTo, setGoTo] = useState<{ line: number }>();
  const text = draft?.text ?? live;
  const settled = useSettled(text, PAUSE_MS);
  const judgement = useJudgement(settled, stands.change);
  const may = can("config.edit", true);
  const write = (next: Draft | undefined) => {
    keep(name, next);
    setDraft(next);
  };
  const published = (document: string) => {
    write(undefined);
    if (document !== name) void navigate({ href: `/tables/${encodeURIComponent(document)}` });
  };
  const faults = judgement.data?.faults ?? [];
  return (
    <>
      <header className="page-head">
        <h1>{history ? name : t("makeOf", { kind: word("table", name.slice(0, -1)) })}</h1>
        {history && <span className="muted">{word("table", name.split("/")[0] ?? "")}</span>}
        {draft && (
          <Button size="small" onClick={() => write(undefined)}>
            {t("putAway")}
          </Button>
        )}
      </header>
      <div className="table-desk">
        <Editor
          label={t("text")}
          text={text}
          edit={may ? (next) => write({ text: next, basis: draft?.basis ?? stands }) : undefined}
          wrong={new Set(faults.map(({ line }) => line))}
          goTo={goTo}
        />
        <Judged
          judgement={judgement}
          // What is judged is not what stands there yet.
          settled={settled === text && !judgement.isPlaceholderData}
          draft={draft ?? (history ? undefined : { text, basis: stands })}
          history={history}
          rebase={() => draft && write({ ...draft, basis: stands })}
          goTo={(line) => setGoTo({ line })}
          published={published}
        />
      </div>
      {history && (
        <Versions
          history={history}
          may={may}
          goOn={(old) => write({ text: old, basis: stands })}
          rolledBack={() => write(undefined)}
        />
      )}
    </>
  );
}
