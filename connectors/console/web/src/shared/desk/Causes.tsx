/** What there is, counted by cause; a click asks for one of them. */
import { useTranslation } from "react-i18next";
import { count } from "../format/format";

export interface Cause {
  /** Empty: all of them. */
  id: string;
  title: string;
  items: number;
}

interface Props {
  label: string;
  causes: readonly Cause[];
  chosen: string;
  choose: (id: string) => void;
}

export function Causes({ label, causes, chosen, choose }: Props) {
  const { t } = useTranslation();
  return (
    <nav className="panel causes" aria-label={label}>
      {causes.map(({ id, title, items }) => (
        <button type="button" key={id} aria-pressed={id === chosen} onClick={() => choose(id)}>
          <span>{title || t("desk.unnamed")}</span>
          <span className="num muted">{count(items)}</span>
        </button>
      ))}
    </nav>
  );
}
