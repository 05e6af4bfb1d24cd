/** Chinese and English: one JSON a feature and language, each language a piece that is loaded when it is first spoken; no reload to change over. */
import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = { zh: "中文", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = "penstock.language";
const PIECES = { zh: () => import("../../locales/zh"), en: () => import("../../locales/en") };
const widgets: Partial<Record<Language, Locale>> = {};

export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

/** The texts of antd's own widgets. */
export function widgetTexts(): Locale | undefined {
  return widgets[language()];
}

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

/** Nothing can be said before it is done. */
export function start(): Promise<void> {
  void i18next.use(initReactI18next).init({
    resources: {},
    lng: first(),
    defaultNS: "common",
    fallbackNS: "common",
    interpolation: { escapeValue: false },
    initAsync: false,
    returnNull: false,
  });
  return speak(first());
}

export function setLanguage(next: Language): Promise<void> {
  localStorage.setItem(KEPT, next);
  return speak(next);
}

async function speak(next: Language): Promise<void> {
  if (!widgets[next]) {
    const piece = await PIECES[next]();
    for (const [path, texts] of Object.entries(piece.files)) {
      const file = path.slice(path.lastIndexOf("/") + 1).replace(".json", "");
      i18next.addResourceBundle(next, file, texts);
    }
    widgets[next] = piece.widgets;
  }
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  await i18next.changeLanguage(next);
}

export { i18next };
