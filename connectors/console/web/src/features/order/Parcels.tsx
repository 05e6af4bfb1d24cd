/** What left, and whether its platform knows. */
import { useTranslation } from "react-i18next";
import { CopyId } from "../../shared/copy/CopyId";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Told } from "../../shared/status/Told";
import type { Story } from "./queries";

export function Parcels({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const word = useWord();
  if (order.shipments.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="parcels">
      <h2 id="parcels">{t("parcels")}</h2>
      <table className="table" aria-labelledby="parcels">
        <thead>
          <tr>
            {(["tracking", "carrier", "warehouse", "shipped", "told"] as const).map((name) => (
              <th scope="col" key={name}>
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.shipments.map((parcel) => {
            const told = order.writebacks.find((each) => each.shipment_id === parcel.shipment_id);
            return (
              <tr key={parcel.shipment_id}>
                <td>
                  <CopyId id={parcel.tracking_no} />
                </td>
                <td>{parcel.carrier}</td>
                <td>{parcel.warehouse}</td>
                <td>
                  <Time at={parcel.shipped_at} exact />
                </td>
                <td>
                  {told ? <Told phase={told.phase} /> : t("notTold")}
                  {told?.outcome && <div className="muted">{word("outcome", told.outcome)}</div>}
                  {told?.reason && <div className="muted">{told.reason}</div>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
