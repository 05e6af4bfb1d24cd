import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const HERE = import.meta.dirname;
const SOURCES = join(HERE, "..");
const FILES = readdirSync(join(HERE, "zh"));

/** Each key with its text; the forms of a plural count as one, for Chinese has a single one. */
function keys(language: string, file: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") found.set(path.replace(/_(one|other)$/, ""), value);
    else for (const [name, inner] of Object.entries(value as object)) walk(inner, path ? `${path}.${name}` : name);
  };
  walk(JSON.parse(readFileSync(join(HERE, language, file), "utf8")), "");
  return found;
}

const places = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();

test("both languages have the same files", () => {
  expect(readdirSync(join(HERE, "en"))).toEqual(FILES);
});

test.each(FILES)("%s says the same things in both languages, with the same values in them", (file) => {
  const [zh, en] = [keys("zh", file), keys("en", file)];
  expect([...en.keys()]).toEqual([...zh.keys()]);
  for (const [key, text] of zh) expect([key, places(text)]).toEqual([key, places(en.get(key) ?? "")]);
});

test.each(FILES)("%s: no English left in the Chinese, no Chinese in the English", (file) => {
  for (const [key, text] of keys("en", file)) expect([key, /\p{Script=Han}/u.test(text)]).toEqual([key, false]);
  const borrowed = /Penstock|SKU|Kafka|CSV|KPI|\d/;
  for (const [key, text] of keys("zh", file))
    expect([
      key,
      /\p{Script=Han}/u.test(text) || borrowed.test(text) || !/[a-z]/i.test(text.replace(/{{\w+}}/g, "")),
    ]).toEqual([key, true]);
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith(".tsx") && !path.includes(".test.") ? [path] : [];
  });
}

/** Between tags, or in what is read aloud or shown on pointing: a word of more than two letters. */
const LITERAL =
  /(?<![=!<>?:&|)] ?)>\s*[^<>{}()=;]*\p{L}{3,}[^<>{}()=;]*<\/|\b(?:title|label|placeholder|aria-label|alt|hint)="[^"]*\p{L}{3,}/u;

test.each(sources(SOURCES))("%s has no text of its own", (path) => {
  expect(readFileSync(path, "utf8").match(LITERAL)?.[0]).toBeUndefined();
});

test("the search for texts finds one", () => {
  expect("<p>Save all</p>").toMatch(LITERAL);
  expect('<Button title="保存全部">').toMatch(LITERAL);
  expect("<p>{t('save')}</p>").not.toMatch(LITERAL);
});
