/** All texts of this language, and those of the widgets: one piece, loaded when the language is first spoken. */
export { default as widgets } from "antd/locale/en_US";

export const files = import.meta.glob<Record<string, unknown>>(
  ["./en/*.json", "!./en/rules.json", "!./en/deliveries.json", "!./en/listings.json"],
  {
    eager: true,
    import: "default",
  },
);
