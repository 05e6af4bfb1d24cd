/** The mark and the name beside it. */
import { useTranslation } from "react-i18next";

export function Brand() {
  const { t } = useTranslation();
  return (
    <>
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#0958d9" />
        <path d="M8 25V7h9a6 6 0 0 1 0 12H8" fill="none" stroke="#fff" strokeWidth="3.4" strokeLinejoin="round" />
        <path d="M20 25h4" stroke="#91caff" strokeWidth="3.4" strokeLinecap="round" />
      </svg>
      <span>{t("name")}</span>
    </>
  );
}
