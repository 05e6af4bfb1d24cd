/** The rule documents there are, with which versions decide, and beginning a new one. */
import "../../shared/table/rows.css";
import "./rules.css";
import "./texts";
import { PlusOutlined } from "@ant-design/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import { Alert, Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Dialog } from "../../shared/dialog/Dialog";
import { Time } from "../../shared/format/Time";
import { Failed } from "../../shared/states/Failed";
import { Nothing } from "../../shared/states/Nothing";
import { Waiting } from "../../shared/states/Waiting";
import { Status } from "../../shared/status/Status";
import { type Plain, put } from "./document";
import { drafted, keep } from "./drafts";
import { type Held, judged, useShelf, useTemplates } from "./queries";

export default function RulesPage() {
  const { t } = useTranslation("rules");
  const { session } = useSession();
  const shelf = useShelf();
  const [beginning, setBeginning] = useState(false);
  const person = session?.name ?? "";
  const drafts = drafted(person);
  const documents = shelf.data?.documents ?? [];
  const unpublished = drafts.filter((name) => !documents.some((each) => each.name === name));
  const begin = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setBeginning(true)}>
      {t("begin")}
    </Button>
  );
  const none = documents.length === 0 && unpublished.length === 0;
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        {shelf.data && !none && begin}
      </header>
      {shelf.isError && !shelf.data && <Failed error={shelf.error} retry={() => void shelf.refetch()} />}
      {shelf.isPending && <Waiting />}
      {shelf.data && none && <Nothing kind="first" title={t("empty")} hint={t("emptyHint")} action={begin} />}
      {shelf.data && !none && (
        <div className="panel table-scroll rule-shelf">
          <table className="table" aria-label={t("title")}>
            <thead>
              <tr>
                {(["document", "live", "share", "shadow", "newest", "published"] as const).map((name) => (
                  <th scope="col" key={name}>
                    {t(`column.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {documents.map((it) => (
                <Row key={it.name} it={it} hasDraft={drafts.includes(it.name)} />
              ))}
              {unpublished.map((name) => (
                <tr key={name}>
                  <td>
                    <Link to={"/rules/$name" as never} params={{ name } as never}>
                      {name}
                    </Link>{" "}
                    <Status tone="busy">{t("unpublished")}</Status>
                  </td>
                  <td colSpan={5} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {beginning && shelf.data && (
        <Begin
          person={person}
          first={documents.some((each) => each.name === shelf.data.follows) ? "" : shelf.data.follows}
          taken={documents.map((each) => each.name)}
          close={() => setBeginning(false)}
        />
      )}
    </>
  );
}

function Row({ it, hasDraft }: { it: Held; hasDraft: boolean }) {
  const { t } = useTranslation("rules");
  const { live, share, shadow } = it.release;
  const newest = it.versions[0];
  const number = (version: number | null | undefined) => (version ? t("way.version", { number: version }) : "–");
  return (
    <tr>
      <td className="rule-named">
        <Link to={"/rules/$name" as never} params={{ name: it.name } as never}>
          {it.name}
        </Link>{" "}
        {it.follows && <Status tone="ok">{t("followed")}</Status>}{" "}
        {hasDraft && <Status tone="busy">{t("hasDraft")}</Status>}
        {it.damaged.length > 0 && <Status tone="bad">{t("damaged", { count: it.damaged.length })}</Status>}
        {it.description && <p className="muted">{it.description}</p>}
      </td>
      <td>{number(live)}</td>
      <td>{share ? t("way.shared", { number: share.version, percent: share.basis_points / 100 }) : "–"}</td>
      <td>{number(shadow)}</td>
      <td>{number(newest?.number)}</td>
      <td>
        {newest && (
          <>
            {newest.by} <Time at={newest.at} />
          </>
        )}
      </td>
    </tr>
  );
}

interface BeginProps {
  person: string;
  /** What workers follow, where nobody has written it yet. */
  first: string;
  taken: readonly string[];
  close: () => void;
}

function Begin({ person, first, taken, close }: BeginProps) {
  const { t } = useTranslation("rules");
  const id = useId();
  const navigate = useNavigate();
  const templates = useTemplates();
  const [name, setName] = useState(first);
  const [like, setLike] = useState("built-in");
  const [error, setError] = useState("");
  const begin = async () => {
    const template = templates.data?.find((each) => each.name === like);
    if (!template) return;
    try {
      const found = await judged(template.text);
      const tree = put(found.document as Plain, ["name"], name.trim());
      if (!keep(person, name.trim(), { tree, typed: null, basis: 0 })) throw new Error(t("notKept"));
      await navigate({ to: "/rules/$name" as never, params: { name: name.trim() } as never });
    } catch (fault) {
      setError((fault as Error).message);
    }
  };
  const isTaken = taken.includes(name.trim());
  return (
    <Dialog title={t("begin")} close={close}>
      <form
        className="deed-form"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <div className="field">
          <label htmlFor={`${id}-name`}>{t("column.document")}</label>
          <Input
            id={`${id}-name`}
            autoFocus
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.target.value)}
            status={isTaken ? "error" : ""}
          />
          <span className="muted">{isTaken ? t("taken") : t("nameHint")}</span>
        </div>
        <div className="field">
          <label htmlFor={`${id}-like`}>{t("like")}</label>
          <Select
            id={`${id}-like`}
            value={like}
            onChange={setLike}
            options={(templates.data ?? []).map((each) => ({
              value: each.name,
              label: t(`template.${each.name}`, { defaultValue: each.name }),
            }))}
          />
        </div>
        {error && <Alert type="error" showIcon title={error} />}
        <div className="deeds">
          <Button type="primary" htmlType="submit" disabled={name.trim() === "" || isTaken || !templates.data}>
            {t("begin")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
