/** All texts of this language, and those of the widgets: one piece, loaded when the language is first spoken. */
export { default as widgets } from "antd/locale/zh_CN";

export const files = import.meta.glob<Record<string, unknown>>(
  ["./zh/*.json", "!./zh/rules.json", "!./zh/deliveries.json", "!./zh/listings.json"],
  {
    eager: true,
    import: "default",
  },
);
