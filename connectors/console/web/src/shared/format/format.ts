/** Numbers and times as the person reads them. Times are Shanghai's, wherever the browser stands. */
import { language } from "../i18n";

const ZONE = "Asia/Shanghai";

function locale(): string {
  return language() === "zh" ? "zh-CN" : "en-GB";
}

/** 12,593 */
export function count(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** 0.9953 -> 99.53% */
export function share(value: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 }).format(value);
}

/** Minor units (fen, cents) in a currency's own form: 12350, CNY -> ¥123.50 */
export function money(minor: number, currency: string): string {
  const form = new Intl.NumberFormat(locale(), { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const digits = form.resolvedOptions().maximumFractionDigits ?? 2;
  return form.format(minor / 10 ** digits);
}

/** 2026-11-30 09:12:07 */
export function moment(iso: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return parts.format(new Date(iso));
}

/** 2026-11-30 09:12: as much as a list needs. */
export function minute(iso: string): string {
  return moment(iso).slice(0, -3);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** 3 minutes ago, in 2 hours; `now` in milliseconds since the epoch. */
export function ago(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "always", style: "short" }).format(
    Math.trunc(seconds / length),
    unit,
  );
}

/** Seconds as a person counts them: 0.4 s, 42 s, 7 min, 3 h, 2 d. */
export function span(seconds: number): string {
  const [unit, length] = STEPS.find(([, size]) => seconds >= size) ?? ["second", 1];
  const digits = seconds < 10 ? 1 : 0;
  const form = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(locale(), form).format(seconds / length);
}
