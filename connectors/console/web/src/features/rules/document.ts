/** A rule document as cards show and change it: plain values in, new plain values out. What it means the server alone says. */
export type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };
export type Path = readonly (string | number)[];

export interface Condition {
  field: string;
  in?: string[];
  at_least?: number;
  at_most?: number;
  is?: boolean;
  not?: boolean;
  lines?: "any" | "all";
}
/** A filter or a criterion: what it is called by, and what it takes. */
export type Taking = { [name: string]: Plain };
export const MODES = ["lexicographic", "banded", "weighted"] as const;
export type Mode = (typeof MODES)[number];
export interface Rank {
  mode: Mode;
  criteria: Taking[];
}
export interface Choice {
  rank: Rank;
  filters?: Taking[];
  allocate?: Taking;
}
export interface Strategy extends Choice {
  name: string;
  when?: Condition[];
  then?: Taking;
}
export interface Row {
  warehouses: string[];
  when?: Condition[];
}
export interface Table {
  name: string;
  rows: Row[];
}
export interface Rules {
  version: number;
  name: string;
  description?: string;
  tables?: Table[];
  strategies?: Strategy[];
  default: Choice;
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const may = (value: unknown, is: (value: unknown) => boolean) => value === undefined || is(value);
const listOf = (is: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(is);
const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isCondition = (value: unknown) =>
  isGroup(value) &&
  isText(value.field) &&
  may(value.in, listOf(isText)) &&
  may(value.at_least, isNumber) &&
  may(value.at_most, isNumber) &&
  may(value.is, (it) => typeof it === "boolean");
const isConditions = listOf(isCondition);
const isChoice = (value: unknown) =>
  isGroup(value) &&
  isGroup(value.rank) &&
  isText(value.rank.mode) &&
  listOf((it) => isGroup(it) && isText(it.by) && may(it.bands, listOf(isNumber)))(value.rank.criteria) &&
  may(
    value.filters,
    listOf((it) => isGroup(it) && isText(it.filter)),
  ) &&
  may(value.allocate, isGroup);
const isStrategy = (value: unknown) =>
  isGroup(value) && isChoice(value) && isText(value.name) && may(value.when, isConditions) && may(value.then, isGroup);
const isTable = (value: unknown) =>
  isGroup(value) &&
  isText(value.name) &&
  listOf((it) => isGroup(it) && listOf(isText)(it.warehouses) && may(it.when, isConditions))(value.rows);

/** The document, where cards have a place for each of its parts; null where only its text can show it. */
export function asCards(tree: unknown): Rules | null {
  const fits =
    isGroup(tree) &&
    isText(tree.name) &&
    may(tree.description, isText) &&
    may(tree.tables, listOf(isTable)) &&
    may(tree.strategies, listOf(isStrategy)) &&
    isChoice(tree.default);
  return fits ? (tree as unknown as Rules) : null;
}

/** With another value at a place; undefined takes it out, and so does an empty list of what may be left out. Nothing else is touched. */
export function put<T>(tree: T, path: Path, value: unknown): T {
  const [part, ...rest] = path;
  if (part === undefined) return value as T;
  if (typeof part === "number") {
    const list = [...(Array.isArray(tree) ? (tree as unknown[]) : [])];
    if (value === undefined && rest.length === 0) list.splice(part, 1);
    else list[part] = put(list[part], rest, value);
    return list as T;
  }
  const group: Record<string, unknown> = isGroup(tree) ? { ...tree } : {};
  const next = put(group[part], rest, value);
  if (next === undefined || isBare(part, next)) delete group[part];
  else group[part] = next;
  return group as T;
}

/** What says nothing: a list or a group that may be left out, with nothing in it. */
const LEFT_OUT = new Set(["when", "filters", "tables", "strategies", "allocate", "then"]);
const isBare = (name: string, value: unknown) =>
  LEFT_OUT.has(name) && (Array.isArray(value) ? value.length === 0 : isGroup(value) && Object.keys(value).length === 0);

/** With one more at the end of a list that may not be there yet. */
export function added<T>(tree: T, path: Path, value: unknown): T {
  return put(tree, [...path, (at(tree, path) as unknown[] | undefined)?.length ?? 0], value);
}

/** What stands at a place; undefined where nothing does. */
export function at(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value === undefined || value === null ? undefined : (value as Record<string | number, unknown>)[part],
    tree,
  );
}

/** With one of a list in another place of it. */
export function moved<T>(tree: T, path: Path, from: number, to: number): T {
  const list = at(tree, path);
  if (!Array.isArray(list) || from === to || from < 0 || from >= list.length || to < 0 || to >= list.length)
    return tree;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return put(tree, path, next);
}

/** A name that none of these has. */
export function nameFor(stem: string, taken: readonly string[]): string {
  if (!taken.includes(stem)) return stem;
  let number = 2;
  while (taken.includes(`${stem} ${number}`)) number += 1;
  return `${stem} ${number}`;
}

const WEIGHT = 1_000;

/** A rank by another mode: what means nothing in it is taken out, what it needs is there. */
export function inMode(rank: Rank, mode: Mode): Rank {
  const criteria = rank.criteria.map(({ weight, bands, ...rest }): Taking => {
    if (mode === "weighted") return { ...rest, weight: weight ?? WEIGHT };
    return mode === "banded" && bands !== undefined ? { ...rest, bands } : rest;
  });
  return { ...rank, mode, criteria };
}

/** What a rank is given first of a criterion. */
export function criterion(by: string, mode: Mode): Taking {
  return mode === "weighted" ? { by, weight: WEIGHT } : { by };
}

/** A strategy for every order that ranks as what is there otherwise. */
export function strategy(name: string, like: Choice): Strategy {
  return { name, rank: like.rank };
}
