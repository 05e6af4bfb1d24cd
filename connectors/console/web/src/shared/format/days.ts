/** Days as Shanghai counts them, as the moments that a question to the server has. */
const ZONE = "+08:00";
const DAY_MS = 86_400_000;

/** When a day begins: 2026-11-30 -> 2026-11-30T00:00:00+08:00 */
export function begin(day: string): string {
  return `${day}T00:00:00${ZONE}`;
}

/** When it is over: the beginning of the next. */
export function end(day: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
  return begin(next.toISOString().slice(0, 10));
}

/** The last so many days, today's included, as their first and last. */
export function spanOf(days: number, now: number): [string, string] {
  const day = (at: number) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(at);
  return [day(now - (days - 1) * DAY_MS), day(now)];
}
