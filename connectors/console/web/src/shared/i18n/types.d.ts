import type common from "../../locales/zh/common.json";
import type order from "../../locales/zh/order.json";
import type orders from "../../locales/zh/orders.json";
import type words from "../../locales/zh/words.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      common: typeof common;
      order: typeof order;
      orders: typeof orders;
      words: typeof words;
    };
  }
}
