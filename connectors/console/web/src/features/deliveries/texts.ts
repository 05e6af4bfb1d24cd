/** What these pages say comes with them, in both languages. */
import en from "../../locales/en/deliveries.json";
import zh from "../../locales/zh/deliveries.json";
import { i18next } from "../../shared/i18n";

i18next.addResourceBundle("en", "deliveries", en);
i18next.addResourceBundle("zh", "deliveries", zh);
