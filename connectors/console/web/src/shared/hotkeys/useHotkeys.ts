/** Shortcuts work while a component that knows them is shown; the newest of two that share a key has it. */
import { useEffect, useRef, useSyncExternalStore } from "react";
import { matched, type Shortcut, stroke } from "./keys";

export type Handlers = Partial<Record<Shortcut, () => void>>;

const PAUSE_MS = 1_000;
const layers: { current: Handlers }[] = [];
const listeners = new Set<() => void>();
let active: readonly Shortcut[] = [];
let strokes: string[] = [];
let last = 0;

function changed(): void {
  active = [...new Set(layers.flatMap((layer) => Object.keys(layer.current) as Shortcut[]))];
  for (const listener of listeners) listener();
}

function writing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Enter belongs to what has the focus. */
function owned(target: EventTarget | null, key: string): boolean {
  return key === "enter" && target instanceof HTMLElement && target.closest("a,button,[role=option]") !== null;
}

function pressed(event: KeyboardEvent): void {
  const key = stroke(event);
  if (key === null || event.defaultPrevented || event.isComposing) return;
  const anywhere = key.startsWith("mod+") || key === "escape";
  if ((writing(event.target) && !anywhere) || owned(event.target, key)) return;
  strokes = event.timeStamp - last > PAUSE_MS ? [key] : [...strokes, key];
  last = event.timeStamp;
  const found = matched(strokes, active) ?? matched([key], active);
  if (found === "more") return;
  strokes = [];
  if (!found) return;
  const handler = layers.findLast((layer) => layer.current[found])?.current[found];
  if (!handler) return;
  event.preventDefault();
  handler();
}

export function useHotkeys(handlers: Handlers): void {
  const layer = useRef(handlers);
  layer.current = handlers;
  const names = Object.keys(handlers).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: which keys there are is what matters, not the functions
  useEffect(() => {
    if (layers.length === 0) document.addEventListener("keydown", pressed);
    layers.push(layer);
    changed();
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) document.removeEventListener("keydown", pressed);
      changed();
    };
  }, [names]);
}

/** Those that work now, for the help. */
export function useActive(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => active,
  );
}
