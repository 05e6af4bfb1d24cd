/** What somebody can see and do, where, and by which grant; then what they lack. */
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { useGranted } from "./Granted";
import { useHoldings } from "./queries";

export function Holds({ name }: { name: string }) {
  const { t } = useTranslation("access");
  const word = useWord();
  const said = useGranted();
  const holdings = useHoldings(name);
  if (holdings.isError) return <Failed error={holdings.error} retry={() => void holdings.refetch()} />;
  if (!holdings.data) return <Waiting rows={4} />;
  const { held, lacked } = holdings.data;
  return (
    <>
      {held.length > 0 && (
        <table className="table holds" aria-label={t("holds")}>
          <tbody>
            {held.map(({ permission, shops, why }) => (
              <tr key={permission}>
                <th scope="row">{word("permission", permission)}</th>
                <td>
                  {shops === null ? t("everywhere") : shops.join(t("comma"))}
                  <div className="muted">
                    {why
                      .map(said)
                      .map(({ role, place }) => `${role} · ${place}`)
                      .join(t("comma"))}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lacked.length > 0 && (
        <p className="muted">
          {t("lacks")}: {lacked.map((permission) => word("permission", permission)).join(t("comma"))}
        </p>
      )}
    </>
  );
}
