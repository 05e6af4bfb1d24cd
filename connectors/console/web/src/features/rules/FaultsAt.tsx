/** What is wrong with a part, beside it. */
import { useTranslation } from "react-i18next";
import type { Path } from "./document";
import { faultsIn, useEditing } from "./editing";

interface Props {
  path: Path;
  /** Of the place itself, not of what lies in it. */
  alone?: boolean;
}

export function FaultsAt({ path, alone = false }: Props) {
  const { t } = useTranslation("rules");
  const { faults } = useEditing();
  const found = faultsIn(faults, path).filter((fault) => !alone || fault.path.length === path.length);
  if (found.length === 0) return null;
  return (
    <ul className="rule-faults" aria-label={t("faults")}>
      {found.map((fault) => (
        <li key={`${fault.where} ${fault.says}`}>
          {fault.path.length > path.length && <code>{fault.path.slice(path.length).join(".")}</code>} {fault.says}
        </li>
      ))}
    </ul>
  );
}
