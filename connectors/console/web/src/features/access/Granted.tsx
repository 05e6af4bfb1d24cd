/** A role and its place, in words. */
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import type { Grant } from "./queries";

export function useGranted(): (grant: Grant) => { role: string; place: string } {
  const { t } = useTranslation("access");
  const word = useWord();
  return ({ role, kind, place = "" }) => ({
    role: word("role", role),
    place: kind === "all" ? t("everywhere") : kind === "department" ? t("departmentOf", { name: place }) : place,
  });
}

export function Granted({ grant }: { grant: Grant }) {
  const { role, place } = useGranted()(grant);
  return (
    <>
      {role} <span className="muted">· {place}</span>
    </>
  );
}
