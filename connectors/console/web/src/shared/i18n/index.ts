/** Chinese and English: one JSON a feature and language, both in the page, so that changing over needs no reload and no request. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = { zh: "中文", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = "penstock.language";
const files = import.meta.glob<Record<string, unknown>>("../../locales/*/*.json", { eager: true, import: "default" });

function resources(): Record<string, Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const [path, texts] of Object.entries(files)) {
    const [language, file] = path.split("/").slice(-2) as [string, string];
    found[language] = { ...found[language], [file.replace(".json", "")]: texts };
  }
  return found;
}

export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export function setLanguage(next: Language): void {
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  void i18next.changeLanguage(next);
}

void i18next.use(initReactI18next).init({
  resources: resources(),
  lng: first(),
  defaultNS: "common",
  fallbackNS: "common",
  interpolation: { escapeValue: false },
  initAsync: false,
  returnNull: false,
});
document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";

export { i18next };
