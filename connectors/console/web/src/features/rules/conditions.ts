/** How a condition asks: one operator of those that its fact's type has, and its values. */
import type { Condition } from "./document";

export const OPERATORS = {
  text: ["oneOf", "noneOf"],
  number: ["atLeast", "atMost", "between", "lessThan", "moreThan", "outside"],
  yes_no: ["yes", "no"],
} as const;
export type FactType = keyof typeof OPERATORS;
export type Operator = (typeof OPERATORS)[FactType][number];

export function operatorOf(condition: Condition): Operator {
  const negated = condition.not === true;
  if (condition.is !== undefined) return condition.is !== negated ? "yes" : "no";
  if (condition.at_least !== undefined || condition.at_most !== undefined) {
    if (condition.at_most === undefined) return negated ? "lessThan" : "atLeast";
    if (condition.at_least === undefined) return negated ? "moreThan" : "atMost";
    return negated ? "outside" : "between";
  }
  return negated ? "noneOf" : "oneOf";
}

/** What a condition asks, in a line: `of` is its fact's title, `unit` its unit, `words` what yes and no are called. */
export function asked(condition: Condition, of: string, unit: string, words: { yes: string; no: string }): string {
  const { in: values = [], at_least: low, at_most: high } = condition;
  const with_ = (text: string) => [of, text, unit].filter(Boolean).join(" ");
  switch (operatorOf(condition)) {
    case "oneOf":
      return `${of}: ${values.join(", ")}`;
    case "noneOf":
      return `${of} ≠ ${values.join(", ")}`;
    case "atLeast":
      return with_(`≥ ${low}`);
    case "lessThan":
      return with_(`< ${low}`);
    case "atMost":
      return with_(`≤ ${high}`);
    case "moreThan":
      return with_(`> ${high}`);
    case "between":
      return with_(`${low}–${high}`);
    case "outside":
      return with_(`∉ ${low}–${high}`);
    case "yes":
      return `${of}: ${words.yes}`;
    case "no":
      return `${of}: ${words.no}`;
  }
}

/** The same fact, asked otherwise; values are kept where the other way has a place for them. */
export function asking(condition: Condition, operator: Operator): Condition {
  const { field, lines } = condition;
  const low = condition.at_least ?? condition.at_most ?? 0;
  const high = condition.at_most ?? condition.at_least ?? 0;
  const head: Condition = lines === undefined ? { field } : { field, lines };
  switch (operator) {
    case "oneOf":
      return { ...head, in: condition.in ?? [] };
    case "noneOf":
      return { ...head, in: condition.in ?? [], not: true };
    case "atLeast":
      return { ...head, at_least: low };
    case "lessThan":
      return { ...head, at_least: low, not: true };
    case "atMost":
      return { ...head, at_most: high };
    case "moreThan":
      return { ...head, at_most: high, not: true };
    case "between":
      return { ...head, at_least: low, at_most: high };
    case "outside":
      return { ...head, at_least: low, at_most: high, not: true };
    case "yes":
      return { ...head, is: true };
    case "no":
      return { ...head, is: false };
  }
}

/** A new one about a fact. */
export function condition(field: string, type: string, ofLines: boolean): Condition {
  const operators = OPERATORS[type as FactType] ?? OPERATORS.text;
  return asking(ofLines ? { field, lines: "any" } : { field }, operators[0]);
}
