/** What was ordered, and what became of it. */
import { useTranslation } from "react-i18next";
import { count, money } from "../../shared/format/format";
import type { Story } from "./queries";

export function Lines({ order }: { order: Story }) {
  const { t } = useTranslation("order");
  const numbers = ["quantity", "shipped_quantity", "cancelled_quantity", "returned_quantity"] as const;
  return (
    <section className="panel" aria-labelledby="lines">
      <h2 id="lines">{t("lines")}</h2>
      <p className="muted">{t("linesHint")}</p>
      <table className="table" aria-labelledby="lines">
        <thead>
          <tr>
            <th scope="col">{t("sku")}</th>
            <th scope="col">{t("goods")}</th>
            <th scope="col" className="end">
              {t("price")}
            </th>
            {numbers.map((name) => (
              <th scope="col" className="end" key={name}>
                {t(`line.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.line_no}>
              <th scope="row">
                <code>{line.sku}</code>
              </th>
              <td>{line.title}</td>
              <td className="end num">{money(line.unit_price_minor, order.currency)}</td>
              {numbers.map((name) => (
                <td className={line[name] === 0 ? "end num muted" : "end num"} key={name}>
                  {count(line[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
