/** Units that a shop shows, or should; what is not known is said so. */
import { useTranslation } from "react-i18next";
import { count } from "../../shared/format/format";

export function Units({ units }: { units: number | null }) {
  const { t } = useTranslation("listings");
  return units === null ? <span className="muted">{t("unknown")}</span> : <span className="num">{count(units)}</span>;
}

/** Beyond what it should show: with its sign. */
export function Difference({ units }: { units: number }) {
  if (units === 0) return null;
  return <strong className="num">{units > 0 ? `+${count(units)}` : `−${count(-units)}`}</strong>;
}
