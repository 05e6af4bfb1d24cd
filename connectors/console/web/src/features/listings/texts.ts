/** What these pages say comes with them, in both languages. */
import en from "../../locales/en/listings.json";
import zh from "../../locales/zh/listings.json";
import { i18next } from "../../shared/i18n";

i18next.addResourceBundle("en", "listings", en);
i18next.addResourceBundle("zh", "listings", zh);
