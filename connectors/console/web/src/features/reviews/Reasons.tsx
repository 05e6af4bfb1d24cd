/** What is wrong: where, what stood there, and what puts it right. */
import { useTranslation } from "react-i18next";
import type { Item } from "./queries";

export function Reasons({ reasons }: { reasons: Item["reasons"] }) {
  const { t } = useTranslation("reviews");
  return (
    <ul className="reasons" aria-label={t("why")}>
      {reasons.map((reason) => (
        <li key={`${reason.code} ${reason.field}`}>
          <strong>{reason.title}</strong> <code>{reason.field}</code>
          {reason.value && <div>{t("value", { value: reason.value })}</div>}
          {reason.fix && <div>{reason.fix}</div>}
        </li>
      ))}
    </ul>
  );
}
