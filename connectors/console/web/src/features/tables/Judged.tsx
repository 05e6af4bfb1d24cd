/** What the server makes of a text: its faults, else what it would change; and making it live, unless somebody else was first. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Keys } from "../../shared/hotkeys/Keys";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { Status } from "../../shared/status/Status";
import { Differences } from "./Differences";
import type { Draft } from "./draft";
import { type History, type Judgement, useDifferences, usePublish } from "./queries";

interface Props {
  judgement: UseQueryResult<Judgement>;
  settled: boolean;
  /** None: what stands there is what is live. */
  draft: Draft | undefined;
  history: History | undefined;
  /** Goes on from what stands now. */
  rebase: () => void;
  goTo: (line: number) => void;
  published: (document: string) => void;
}

export function Judged({ judgement, settled, draft, history, rebase, goTo, published }: Props) {
  const { t } = useTranslation("tables");
  const found = judgement.data;
  const overtaken =
    draft !== undefined &&
    history !== undefined &&
    (draft.basis.newest !== history.newest || draft.basis.change !== history.change);
  return (
    <section className="panel judged" aria-label={t("judged")} aria-busy={!settled}>
      {judgement.error && <Alert type="error" showIcon title={judgement.error.message} />}
      {overtaken && <Overtaken draft={draft} history={history} rebase={rebase} />}
      {found && found.faults.length > 0 && (
        <>
          <Status tone="bad">{t("faults", { count: found.faults.length })}</Status>
          <ul className="faults" aria-label={t("faultsList")}>
            {found.faults.map(({ line, where, value, says }) => (
              <li key={`${where} ${says}`}>
                <button type="button" className="linklike" onClick={() => goTo(line)}>
                  {t("line", { line })}
                </button>{" "}
                <code>{where}</code> {value && <span className="muted">= {value}</span>}
                <div>{says}</div>
              </li>
            ))}
          </ul>
        </>
      )}
      {found && found.faults.length === 0 && (
        <>
          <Status tone="ok">{t("sound")}</Status>
          {found.warehouses.length + found.bundles.length > 0 && (
            <p>{t("atOnce", { names: [...found.warehouses, ...found.bundles].join(t("comma")) })}</p>
          )}
          {found.differences && (
            <>
              <h3>{t("fromLive")}</h3>
              <Differences label={t("fromLive")} them={found.differences} />
            </>
          )}
        </>
      )}
      {draft && found && (
        <Publish draft={draft} ready={settled && !overtaken && found.faults.length === 0} published={published} />
      )}
    </section>
  );
}

function Publish({ draft, ready, published }: { draft: Draft; ready: boolean; published: (document: string) => void }) {
  const { t } = useTranslation("tables");
  const { can } = useSession();
  const id = useId();
  const [because, setBecause] = useState("");
  const publish = usePublish(({ document }) => published(document));
  const may = ready && because.trim() !== "" && !publish.isPending;
  const send = () => publish.mutate({ text: draft.text, ...draft.basis, because });
  useHotkeys(may ? { send } : {});
  if (!can("config.edit", true)) return null;
  return (
    <div className="deed-form">
      <div className="field">
        <label htmlFor={id}>{t("because")}</label>
        <Input
          id={id}
          value={because}
          maxLength={1000}
          placeholder={t("becauseHint")}
          onChange={(event) => setBecause(event.target.value)}
        />
      </div>
      {publish.error && <Alert type="error" showIcon role="alert" title={publish.error.message} />}
      <div className="deeds">
        <Button type="primary" disabled={!may} loading={publish.isPending} onClick={send}>
          {t("publish")} <Keys of="send" />
        </Button>
      </div>
    </div>
  );
}

/** Somebody else has changed it since: what they did, beside what one's own text would change of that. */
function Overtaken({ draft, history, rebase }: { draft: Draft; history: History; rebase: () => void }) {
  const { t } = useTranslation("tables");
  const newest = history.versions[0];
  const theirs = useDifferences(history.document, draft.basis.newest || undefined, history.newest);
  return (
    <Alert
      type="warning"
      showIcon
      title={newest ? t("overtaken", { number: newest.number, by: newest.by }) : t("overtakenBare")}
      description={
        <>
          {theirs.data && theirs.data.length > 0 && (
            <>
              <h3>{t("theirs")}</h3>
              <Differences label={t("theirs")} them={theirs.data} />
            </>
          )}
          <p>{t("overtakenHint")}</p>
          <Button size="small" onClick={rebase}>
            {t("goOnOverTheirs")}
          </Button>
        </>
      }
    />
  );
}
