/** The way of a draft: tried, published, in the shadow, on a share, live; each step with its button and what it does. */
import { Alert, Button, Input, InputNumber } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Dialog } from "../../shared/dialog/Dialog";
import { Status, type Tone } from "../../shared/status/Status";
import { type Held, type To, usePublish, useRelease, useRollBack } from "./queries";
import type { Draft } from "./useDraft";

const SHARE = 10;
const STEPS = ["draft", "tested", "published", "shadow", "share", "live"] as const;

type Step = "publish" | To | "back" | "endShadow";

export function Way({ draft, held, done }: { draft: Draft; held: Held; done: (says: string) => void }) {
  const { t } = useTranslation("rules");
  const { can } = useSession();
  const [asked, setAsked] = useState<Step>();
  const { judgement, isJudged } = draft;
  const digest = isJudged ? (judgement?.digest ?? null) : null;
  const same = isJudged ? (judgement?.same_as ?? null) : null;
  const version = held.versions.find((it) => it.number === same);
  const { live, shadow, share, previous } = held.release;
  const tested = digest !== null && draft.isTried(digest);
  // A text may be given another name: what is published then is another document.
  const isNamed = (judgement?.document as { name?: unknown } | null | undefined)?.name === held.name;
  const ready = version !== undefined && can("rules.release");
  const steps: { id: (typeof STEPS)[number]; tone: Tone; says: string; button?: ReactNode }[] = [
    {
      id: "draft",
      tone: digest ? "ok" : isJudged ? "bad" : "busy",
      says: digest
        ? t("way.sound")
        : isJudged
          ? t("wrong", { count: judgement?.faults.length ?? 0 })
          : t("way.judging"),
    },
    { id: "tested", tone: tested ? "ok" : "off", says: tested ? t("way.tested") : t("way.untested") },
    {
      id: "published",
      tone: version ? "ok" : "off",
      says: version
        ? t("way.version", { number: version.number })
        : digest && !isNamed
          ? t("way.otherName")
          : t("way.unpublished"),
      button: can("rules.edit") && (
        <Button
          size="small"
          disabled={!digest || !isNamed || version !== undefined}
          onClick={() => setAsked("publish")}
        >
          {t("way.publish")}
        </Button>
      ),
    },
    {
      id: "shadow",
      tone: shadow !== null ? "busy" : "off",
      says: shadow !== null ? t("way.version", { number: shadow }) : t("way.nothing"),
      button: (
        <Button size="small" disabled={!ready || version.state === "shadow"} onClick={() => setAsked("shadow")}>
          {t("way.toShadow")}
        </Button>
      ),
    },
    {
      id: "share",
      tone: share ? "busy" : "off",
      says: share ? t("way.shared", { number: share.version, percent: share.basis_points / 100 }) : t("way.nothing"),
      button: (
        <Button size="small" disabled={!ready} onClick={() => setAsked("share")}>
          {share ? t("way.widen") : t("way.toShare", { percent: SHARE })}
        </Button>
      ),
    },
    {
      id: "live",
      tone: live !== null ? "ok" : "off",
      says: live !== null ? t("way.version", { number: live }) : t("way.builtIn"),
      button: (
        <Button size="small" disabled={!ready || version.state === "live"} onClick={() => setAsked("live")}>
          {t("way.toLive")}
        </Button>
      ),
    },
  ];
  return (
    <section className="panel rule-way" aria-label={t("way.title")}>
      <ol>
        {steps.map(({ id, tone, says, button }) => (
          <li key={id}>
            <strong>{t(`step.${id}`)}</strong>
            <Status tone={tone}>{says}</Status>
            {button}
          </li>
        ))}
      </ol>
      <div className="rule-line">
        <span className="muted">{held.follows ? t("way.follows") : t("way.notFollowed")}</span>
        {can("rules.release") && (
          <span className="rule-ends">
            {shadow !== null && (
              <Button size="small" onClick={() => setAsked("endShadow")}>
                {t("way.endShadow")}
              </Button>
            )}
            <Button size="small" danger disabled={!share && previous === null} onClick={() => setAsked("back")}>
              {t("way.back")}
            </Button>
          </span>
        )}
      </div>
      {asked && (
        <Asking
          step={asked}
          draft={draft}
          held={held}
          version={same}
          close={() => setAsked(undefined)}
          done={(says) => {
            setAsked(undefined);
            done(says);
          }}
        />
      )}
    </section>
  );
}

interface AskingProps {
  step: Step;
  draft: Draft;
  held: Held;
  version: number | null;
  close: () => void;
  done: (says: string) => void;
}

/** What a step does, and why it is done; sent with what the person has seen, so that nobody is overtaken unseen. */
function Asking({ step, draft, held, version, close, done }: AskingProps) {
  const { t } = useTranslation("rules");
  const id = useId();
  const [because, setBecause] = useState("");
  const share = held.release.share;
  const [percent, setPercent] = useState(share ? Math.min(99, (share.basis_points / 100) * 2) : SHARE);
  const publish = usePublish();
  const release = useRelease(held.name);
  const back = useRollBack(held.name);
  const sending = [publish, release, back];
  const error = sending.find((each) => each.error)?.error;
  const { last } = held.release;
  const send = () => {
    if (step === "publish")
      publish.mutate(
        { text: draft.text, newest: draft.basis, because },
        {
          onSuccess: ({ number }) => {
            draft.published(number);
            done(t("way.isPublished", { number }));
          },
        },
      );
    else if (step === "back" || step === "endShadow")
      back.mutate({ shadow: step === "endShadow", last, because }, { onSuccess: ({ says }) => done(says) });
    else if (version !== null) {
      const basis_points = step === "share" ? Math.round(percent * 100) : 0;
      release.mutate({ version, to: step, basis_points, last, because }, { onSuccess: ({ says }) => done(says) });
    }
  };
  const number = step === "back" ? (share?.version ?? held.release.live) : (version ?? held.newest + 1);
  return (
    <Dialog title={t(`ask.${step}`)} close={close}>
      <form
        className="deed-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <p>
          {t(step === "back" && !share ? "does.backLive" : `does.${step}`, {
            number: step === "endShadow" ? held.release.shadow : number,
            previous: held.release.previous,
          })}
        </p>
        {step === "share" && (
          <div className="field">
            <label htmlFor={`${id}-percent`}>{t("way.percent")}</label>
            <InputNumber
              id={`${id}-percent`}
              min={0.01}
              max={99.99}
              precision={2}
              value={percent}
              onChange={(value) => setPercent(value ?? SHARE)}
            />
          </div>
        )}
        <div className="field">
          <label htmlFor={`${id}-because`}>{t("way.because")}</label>
          <Input
            id={`${id}-because`}
            autoFocus
            value={because}
            maxLength={1000}
            placeholder={t("way.becauseHint")}
            onChange={(event) => setBecause(event.target.value)}
          />
        </div>
        {error && <Alert type="error" showIcon role="alert" title={error.message} />}
        <div className="deeds">
          <Button
            type="primary"
            htmlType="submit"
            danger={step === "back"}
            disabled={because.trim() === ""}
            loading={sending.some((each) => each.isPending)}
          >
            {t(`ask.${step}`)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
