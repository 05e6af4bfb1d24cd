/** Light or dark: as chosen here before, else as the system has it. */
import { useSyncExternalStore } from "react";
import type { Mode } from "./tokens";

const KEPT = "penstock.mode";
const listeners = new Set<() => void>();

function current(): Mode {
  const kept = localStorage.getItem(KEPT);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setMode(mode: Mode): void {
  localStorage.setItem(KEPT, mode);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

export function useMode(): Mode {
  return useSyncExternalStore(subscribe, current);
}
