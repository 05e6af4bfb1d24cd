/** The designer says much that no other page does: its texts come with it, in both languages. */
import en from "../../locales/en/rules.json";
import zh from "../../locales/zh/rules.json";
import { i18next } from "../../shared/i18n";

i18next.addResourceBundle("en", "rules", en);
i18next.addResourceBundle("zh", "rules", zh);
