import { beforeAll, expect, test } from "vitest";
import { setLanguage, start } from "../i18n";
import { ago, count, moment, money, share, span } from "./format";

beforeAll(start);

test("times are Shanghai's, wherever the browser stands", () => {
  expect(moment("2026-11-30T16:00:05Z")).toBe("2026-12-01 00:00:05");
});

test("money is counted in the currency's own minor units", async () => {
  await setLanguage("en");
  expect(money(12350, "CNY")).toBe("¥123.50");
  expect(money(12350, "JPY")).toBe("¥12,350");
  expect(money(-5, "USD")).toBe("-$0.05");
});

test("how long ago, in the person's language", async () => {
  const now = Date.parse("2026-12-01T00:10:00Z");
  await setLanguage("zh");
  expect(ago("2026-12-01T00:07:00Z", now)).toBe("3分钟前");
  expect(ago("2026-12-01T02:10:00Z", now)).toBe("2小时后");
  await setLanguage("en");
  expect(ago("2026-11-28T00:10:00Z", now)).toBe("3 days ago");
});

test("counts, shares and spans", async () => {
  await setLanguage("en");
  expect(count(12593)).toBe("12,593");
  expect(share(0.9953)).toBe("99.53%");
  expect(span(0.42)).toBe("0.4 secs");
  expect(span(42)).toBe("42 secs");
  expect(span(7 * 3600)).toBe("7 hrs");
});
