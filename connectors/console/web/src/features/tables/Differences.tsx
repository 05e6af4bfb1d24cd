/** What is different, field by field: what stood there, what does. */
import { useTranslation } from "react-i18next";
import type { Difference } from "./queries";

const SHOWN = 200;

export function Differences({ label, them }: { label: string; them: readonly Difference[] }) {
  const { t } = useTranslation("tables");
  if (them.length === 0) return <p className="muted">{t("same")}</p>;
  return (
    <>
      <ul className="differences" aria-label={label}>
        {them.slice(0, SHOWN).map(({ where, before, after }) => (
          <li key={where}>
            <code>{where}</code>
            {before !== null && (
              <del>
                <span className="unseen">{t("before")}</span> {before}
              </del>
            )}
            {after !== null && (
              <ins>
                <span className="unseen">{t("after")}</span> {after}
              </ins>
            )}
          </li>
        ))}
      </ul>
      {them.length > SHOWN && <p className="muted">{t("more", { count: them.length - SHOWN })}</p>}
    </>
  );
}
