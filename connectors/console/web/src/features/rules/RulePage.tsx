/** One rule document: a draft of it as cards or as text, all that can be said of it beside it, and its way to the orders above. */
import "../../shared/desk/desk.css";
import "./rules.css";
import "./texts";
import { RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, App, Button, Segmented } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Keys } from "../../shared/hotkeys/Keys";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { Checks } from "./Checks";
import { added, asCards, moved, type Plain, put } from "./document";
import { kept } from "./drafts";
import { type Editing, EditingProvider } from "./editing";
import { type Catalogue, type Held, type Shelf, useCatalogue, useShelf, useVersion } from "./queries";
import { TextView } from "./TextView";
import { useDraft } from "./useDraft";
import { Versions } from "./Versions";
import { Way } from "./Way";

const Cards = lazy(() => import("./Cards").then(({ Cards: it }) => ({ default: it })));
const Bench = lazy(() => import("./Bench").then(({ Bench: it }) => ({ default: it })));
const Diff = lazy(() => import("./Diff").then(({ Diff: it }) => ({ default: it })));
const Past = lazy(() => import("./Past").then(({ Past: it }) => ({ default: it })));

const SIDES = ["checks", "bench", "diff", "past", "versions"] as const;

/** A document of which there is no version yet. */
const unwritten = (name: string): Held => ({
  name,
  description: "",
  follows: false,
  newest: 0,
  versions: [],
  release: {
    live: null,
    shadow: null,
    share: null,
    previous: null,
    withdrawn: [],
    last: 0,
    by: "",
    at: null,
    reason: "",
  },
  damaged: [],
});

export default function RulePage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { t } = useTranslation("rules");
  const { session } = useSession();
  const shelf = useShelf();
  const catalogue = useCatalogue();
  const there = shelf.data?.documents.find((each) => each.name === name);
  const held = there ?? { ...unwritten(name), follows: shelf.data?.follows === name };
  const found = session && kept(session.name, name);
  // The newest, whatever decides: what somebody has published since is not left behind unseen.
  const from = held.versions[0]?.number;
  const version = useVersion(name, from);
  const error = shelf.error ?? catalogue.error ?? version.error;
  if (error && !(shelf.data && catalogue.data)) return <Failed error={error} retry={() => void shelf.refetch()} />;
  if (!shelf.data || !catalogue.data || !session || (from !== undefined && !version.data)) return <Waiting />;
  if (from === undefined && !found)
    return <Failed error={new Error(t("noDocument", { name }))} retry={() => void shelf.refetch()} />;
  return (
    <Editor
      key={name}
      person={session.name}
      held={held}
      shelf={shelf.data}
      catalogue={catalogue.data}
      origin={(version.data?.document ?? found?.tree ?? null) as Plain}
      isNewest={!version.isPlaceholderData}
    />
  );
}

interface Props {
  person: string;
  held: Held;
  shelf: Shelf;
  catalogue: Catalogue;
  origin: Plain;
  /** Whether that is the newest version, and not the one before. */
  isNewest: boolean;
}

function Editor({ person, held, shelf, catalogue, origin, isNewest }: Props) {
  const { t } = useTranslation("rules");
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [found] = useState(() => kept(person, held.name));
  const draft = useDraft(person, held.name, origin, held.newest, found);
  const rules = useMemo(() => asCards(draft.tree), [draft.tree]);
  const [view, setView] = useState<"cards" | "text">(found?.typed != null || rules === null ? "text" : "cards");
  const [side, setSide] = useState<(typeof SIDES)[number]>("checks");
  const faults = draft.judgement?.faults ?? [];
  const unread = draft.typed !== null && !(draft.isJudged && draft.judgement?.document != null);
  useHotkeys({ undo: draft.undo, redo: draft.redo });
  const editing: Editing | null = rules && {
    rules,
    put: (path, value) => draft.change(put(rules, path, value) as unknown as Plain, path.join(".")),
    add: (path, value) => draft.change(added(rules, path, value) as unknown as Plain),
    move: (path, from, to) => draft.change(moved(rules, path, from, to) as unknown as Plain),
    faults,
    catalogue,
    warehouses: shelf.warehouses,
  };
  const overtaken = draft.basis < held.newest;
  const by = held.versions.find((it) => it.number === held.newest)?.by ?? "";
  return (
    <EditingProvider value={editing}>
      <header className="page-head">
        <h1>
          <Link className="rule-up" to={"/rules" as never}>
            {t("title")}
          </Link>{" "}
          / {held.name}
        </h1>
        <Segmented
          aria-label={t("view")}
          value={view}
          onChange={setView}
          options={[
            { value: "cards", label: t("cards"), disabled: rules === null || unread },
            { value: "text", label: t("text") },
          ]}
        />
        <span className="deeds rule-tools">
          <Button size="small" icon={<UndoOutlined aria-hidden />} disabled={!draft.canUndo} onClick={draft.undo}>
            {t("undo")} <Keys of="undo" />
          </Button>
          <Button size="small" icon={<RedoOutlined aria-hidden />} disabled={!draft.canRedo} onClick={draft.redo}>
            {t("redo")} <Keys of="redo" />
          </Button>
          <Button
            size="small"
            disabled={!draft.changed || !isNewest}
            onClick={() => {
              draft.drop(origin, held.newest);
              if (held.newest === 0) void navigate({ to: "/rules" as never });
            }}
          >
            {t("drop")}
          </Button>
        </span>
      </header>
      {!draft.isKept && <Alert type="warning" showIcon className="behind" title={t("notKept")} />}
      {overtaken && (
        <Alert
          type="warning"
          showIcon
          className="behind"
          role="status"
          title={t("overtaken", { number: held.newest, by })}
          action={
            <span className="deeds">
              <Button size="small" onClick={() => setSide("diff")}>
                {t("diff.title")}
              </Button>
              <Button size="small" disabled={!isNewest} onClick={() => draft.drop(origin, held.newest)}>
                {t("takeNewest", { number: held.newest })}
              </Button>
              {draft.changed && (
                <Button size="small" onClick={() => draft.goOnFrom(held.newest)}>
                  {t("goOn", { number: held.newest })}
                </Button>
              )}
            </span>
          }
        />
      )}
      {draft.error !== null && draft.error !== undefined && (
        <Alert type="error" showIcon className="behind" title={(draft.error as Error).message} />
      )}
      <Way draft={draft} held={held} done={(says) => void message.success(says)} />
      <div className="rule-desk">
        <div className="rule-main">
          {view === "cards" && editing && !unread ? (
            <Suspense fallback={<Waiting />}>
              <Cards />
            </Suspense>
          ) : (
            <TextView draft={draft} />
          )}
        </div>
        <aside className="panel rule-side" aria-label={t("beside")}>
          <Segmented
            block
            size="small"
            aria-label={t("beside")}
            value={side}
            onChange={setSide}
            options={SIDES.map((value) => ({
              value,
              label:
                value === "checks" && faults.length > 0
                  ? t("side.faults", { count: faults.length })
                  : t(`side.${value}`),
            }))}
          />
          <Suspense fallback={<Waiting rows={3} />}>
            {side === "checks" && <Checks draft={draft} />}
            {side === "bench" && <Bench draft={draft} />}
            {side === "diff" && <Diff draft={draft} held={held} />}
            {side === "past" && <Past draft={draft} />}
          </Suspense>
          {side === "versions" && (
            <Versions
              held={held}
              open={(tree) => {
                draft.change(tree);
                setView(asCards(tree) ? "cards" : "text");
              }}
            />
          )}
        </aside>
      </div>
    </EditingProvider>
  );
}
