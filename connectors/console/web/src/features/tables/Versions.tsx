/** The versions of a document: who made each, when and why; each to be read, compared with what is live, gone on from, made live again. */
import "../../shared/table/rows.css";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Dialog } from "../../shared/dialog/Dialog";
import { Time } from "../../shared/format/Time";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { Status } from "../../shared/status/Status";
import { Differences } from "./Differences";
import { Editor } from "./Editor";
import { type History, useDifferences, useRollback, useVersion } from "./queries";

interface Props {
  history: History;
  may: boolean;
  goOn: (text: string) => void;
  rolledBack: () => void;
}

export function Versions({ history, may, goOn, rolledBack }: Props) {
  const { t } = useTranslation("tables");
  const { can } = useSession();
  const [opened, setOpened] = useState<number>();
  const close = () => setOpened(undefined);
  return (
    <section className="panel" aria-labelledby="versions">
      <h2 id="versions">{t("versions")}</h2>
      <table className="table" aria-labelledby="versions">
        <thead>
          <tr>
            {(["number", "state", "at", "by", "note"] as const).map((name) => (
              <th scope="col" key={name}>
                {t(`head.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.versions.map(({ number, uses, at, by, note }) => (
            <tr key={number}>
              <td>
                <button type="button" className="linklike" onClick={() => setOpened(number)}>
                  {t("version", { number })}
                </button>
              </td>
              <td>{uses.includes("live") && <Status tone="ok">{t("isLive")}</Status>}</td>
              <td>
                <Time at={at} exact />
              </td>
              <td>{by}</td>
              <td>{note}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {can("audit.read") && (
        <p>
          <Link to={`/audit?subject=${encodeURIComponent(`config:${history.document}`)}` as never}>{t("inAudit")}</Link>
        </p>
      )}
      {opened !== undefined && (
        <Dialog title={t("versionOf", { document: history.document, number: opened })} close={close}>
          <Opened
            history={history}
            number={opened}
            may={may}
            goOn={(text) => {
              goOn(text);
              close();
            }}
            rolledBack={() => {
              rolledBack();
              close();
            }}
          />
        </Dialog>
      )}
    </section>
  );
}

function Opened({ history, number, may, goOn, rolledBack }: Props & { number: number }) {
  const { t } = useTranslation("tables");
  const id = useId();
  const [because, setBecause] = useState("");
  const version = useVersion(history.document, number);
  const isLive = number === history.live;
  const differences = useDifferences(history.document, isLive ? undefined : (history.live ?? undefined), number);
  const back = useRollback(rolledBack);
  if (version.isError) return <Failed error={version.error} retry={() => void version.refetch()} />;
  if (!version.data) return <Waiting rows={8} />;
  const { text } = version.data;
  const { document, newest, change } = history;
  return (
    <div className="deed-form">
      <Editor label={t("text")} text={text} edit={undefined} wrong={new Set()} goTo={undefined} />
      {differences.data && (
        <>
          <h3>{t("ifLive")}</h3>
          <Differences label={t("ifLive")} them={differences.data} />
        </>
      )}
      {may && !isLive && (
        <>
          <div className="field">
            <label htmlFor={id}>{t("because")}</label>
            <Input
              id={id}
              value={because}
              maxLength={1000}
              placeholder={t("backHint")}
              onChange={(event) => setBecause(event.target.value)}
            />
          </div>
          {back.error && <Alert type="error" showIcon role="alert" title={back.error.message} />}
        </>
      )}
      {may && (
        <div className="deeds">
          {!isLive && (
            <Button
              type="primary"
              disabled={because.trim() === "" || back.isPending}
              loading={back.isPending}
              onClick={() => back.mutate({ document, to: number, newest, change, because })}
            >
              {t("rollBack", { number })}
            </Button>
          )}
          <Button onClick={() => goOn(text)}>{t("goOn")}</Button>
        </div>
      )}
    </div>
  );
}
