/** What every part of the cards knows: the document, how to change it, what is wrong with it, and what it may name. */
import { createContext, useContext } from "react";
import type { Path, Rules } from "./document";
import type { Catalogue, Entry, Fault } from "./queries";

export interface Editing {
  rules: Rules;
  /** Puts another value at a place; undefined takes it out. */
  put: (path: Path, value: unknown) => void;
  add: (path: Path, value: unknown) => void;
  move: (path: Path, from: number, to: number) => void;
  faults: readonly Fault[];
  catalogue: Catalogue;
  warehouses: readonly string[];
}

const Context = createContext<Editing | null>(null);
export const EditingProvider = Context.Provider;

export function useEditing(): Editing {
  const found = useContext(Context);
  if (!found) throw new Error("outside of an editor");
  return found;
}

/** Faults at a place or in it. */
export function faultsIn(faults: readonly Fault[], path: Path): Fault[] {
  return faults.filter((fault) => path.every((part, at) => fault.path[at] === part));
}

export function titleOf(entries: readonly Entry[], name: string): string {
  return entries.find((each) => each.name === name)?.title ?? name;
}

/** The id of a part of the page, by the place in the document that it shows. */
export const idOf = (path: Path): string => `rule-${path.join("-")}`;
