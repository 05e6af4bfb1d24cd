import type access from "../../locales/zh/access.json";
import type audit from "../../locales/zh/audit.json";
import type common from "../../locales/zh/common.json";
import type deliveries from "../../locales/zh/deliveries.json";
import type listings from "../../locales/zh/listings.json";
import type live from "../../locales/zh/live.json";
import type order from "../../locales/zh/order.json";
import type orders from "../../locales/zh/orders.json";
import type report from "../../locales/zh/report.json";
import type reviews from "../../locales/zh/reviews.json";
import type rules from "../../locales/zh/rules.json";
import type stock from "../../locales/zh/stock.json";
import type system from "../../locales/zh/system.json";
import type tables from "../../locales/zh/tables.json";
import type tasks from "../../locales/zh/tasks.json";
import type words from "../../locales/zh/words.json";
import type writebacks from "../../locales/zh/writebacks.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      common: typeof common;
      order: typeof order;
      orders: typeof orders;
      access: typeof access;
      audit: typeof audit;
      report: typeof report;
      reviews: typeof reviews;
      deliveries: typeof deliveries;
      listings: typeof listings;
      live: typeof live;
      rules: typeof rules;
      stock: typeof stock;
      system: typeof system;
      writebacks: typeof writebacks;
      tables: typeof tables;
      tasks: typeof tasks;
      words: typeof words;
    };
  }
}
