/** Why orders are in review: the open ones by reason, the longest bar first. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { count } from "../../shared/format/format";
import { useWord } from "../../shared/i18n/useWord";
import type { Second } from "./useLive";

const SHOWN = 8;

export function Reasons({ reasons }: { reasons: Second["reasons"] }) {
  const { t } = useTranslation("live");
  const word = useWord();
  const most = Math.max(1, ...reasons.map(({ items }) => items));
  const longest = [...reasons].sort((a, b) => b.items - a.items).slice(0, SHOWN);
  return (
    <section className="panel" aria-labelledby="reasons">
      <h2 id="reasons">{t("reasons")}</h2>
      {longest.length === 0 && <p className="muted">{t("noReasons")}</p>}
      <ul className="live-bars">
        {longest.map(({ code, items }) => (
          <li key={code}>
            <Link to={`/reviews?reason=${code}` as never}>{word("code", code)}</Link>
            <meter min={0} max={most} value={items} aria-label={word("code", code)} />
            <span className="num">{count(items)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
