/** What warehouses' systems were told of the order, and where that stands; where the person may see it. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Time } from "../../shared/format/Time";
import { useAnswer } from "../../shared/i18n/useAnswer";
import { Delivery } from "../../shared/status/Delivery";
import { type Story, useDeliveries } from "./queries";

export function Deliveries({ order }: { order: Story }) {
  const { can } = useSession();
  return can("deliveries.read") && <Told order={order} />;
}

function Told({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const answer = useAnswer("deliveryOutcome");
  const rows = useDeliveries(order.order_id).data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="deliveries">
      <h2 id="deliveries">{t("deliveries")}</h2>
      <table className="table" aria-labelledby="deliveries">
        <thead>
          <tr>
            {(["delivery", "warehouse", "stands", "answer", "since"] as const).map((name) => (
              <th scope="col" key={name}>
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.delivery_id}>
              <td>
                <Link
                  to="/deliveries"
                  search={
                    {
                      state: "all",
                      q: row.order_id,
                      shop: undefined,
                      item: `${row.order_id} ${row.delivery_id}`,
                    } as never
                  }
                >
                  <code>{row.delivery_id}</code>
                </Link>
              </td>
              <td>{row.warehouse}</td>
              <td>
                <Delivery phase={row.phase} />
                {row.progress && <div className="muted">{row.progress}</div>}
              </td>
              <td>
                {row.outcome && answer(row)}
                {row.reason && <div className="muted">{row.reason}</div>}
              </td>
              <td>
                <Time at={row.changed_at} exact />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
