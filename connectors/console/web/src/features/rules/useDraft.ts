/** A person's draft of a document: kept in the browser at every step, judged by the server a moment after the last one. */
import { useEffect, useMemo, useState } from "react";
import type { Plain } from "./document";
import { type Kept, keep, noteTried, tried } from "./drafts";
import { begun, did, type History, redone, undone } from "./history";
import { type Judgement, useJudgement } from "./queries";

const PAUSE_MS = 300;

interface Content {
  tree: Plain;
  typed: string | null;
}

export interface Draft {
  tree: Plain;
  typed: string | null;
  /** What the server is given. */
  text: string;
  basis: number;
  isTried: (digest: string) => boolean;
  changed: boolean;
  /** False: the browser has no room for it. */
  isKept: boolean;
  judgement: Judgement | undefined;
  /** Whether the judgement is of what stands there now. */
  isJudged: boolean;
  error: unknown;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  /** `what`: the place that is written at; more of the same in one go is one step back. */
  change: (tree: Plain, what?: string) => void;
  type: (text: string | null) => void;
  wasTried: (digest: string) => void;
  goOnFrom: (basis: number) => void;
  /** It is a version now, and no draft any more; what was done to it can still be taken back. */
  published: (number: number) => void;
  drop: (tree: Plain, basis: number) => void;
}

const written = (content: Content) => content.typed ?? JSON.stringify(content.tree, null, 2);

/** `origin`: what it is a draft of; `basis`: the newest version there is. */
export function useDraft(person: string, name: string, origin: Plain, basis: number, found: Kept | null): Draft {
  const [history, setHistory] = useState<History<Content>>(() =>
    begun({ tree: found?.tree ?? origin, typed: found?.typed ?? null }),
  );
  const [from, setFrom] = useState(found?.basis ?? basis);
  const [held, setHeld] = useState(tried);
  const [changed, setChanged] = useState(found !== null);
  const [isKept, setKept] = useState(true);
  const content = history.present;
  const text = useMemo(() => written(content), [content]);
  const settled = useSettled(text);
  const judgement = useJudgement(settled);
  const isJudged = settled === text && judgement.data !== undefined && !judgement.isPlaceholderData;
  useEffect(() => {
    if (changed) setKept(keep(person, name, { ...content, basis: from }));
  }, [changed, content, from, person, name]);
  // What was typed has become readable: cards go on from it.
  const read = isJudged && content.typed !== null ? (judgement.data?.document as Plain | undefined) : undefined;
  useEffect(() => {
    if (read === undefined || read === null) return;
    setHistory((now) => (now.present.typed === null ? now : { ...now, present: { ...now.present, tree: read } }));
  }, [read]);
  const step = (next: Content, what: string) => {
    setChanged(true);
    setHistory((now) => did(now, next, what, Date.now()));
  };
  return {
    ...content,
    basis: from,
    text,
    changed,
    isKept,
    judgement: judgement.data,
    isJudged,
    error: judgement.error,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    undo: () => setHistory(undone),
    redo: () => setHistory(redone),
    change: (tree, what = "") => step({ tree, typed: null }, what),
    type: (typed) => step({ tree: content.tree, typed }, "text"),
    isTried: (digest) => held.includes(digest),
    wasTried: (digest) => setHeld(noteTried(digest)),
    goOnFrom: setFrom,
    published: (number) => {
      keep(person, name, null);
      setChanged(false);
      setFrom(number);
    },
    drop: (tree, next) => {
      keep(person, name, null);
      setChanged(false);
      setHistory(begun<Content>({ tree, typed: null }));
      setFrom(next);
    },
  };
}

/** A text once nobody has written on for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
