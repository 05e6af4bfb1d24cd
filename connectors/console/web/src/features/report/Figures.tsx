/** One of the report's tables, figure by figure as the command prints them. */
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Status } from "../../shared/status/Status";
import type { Table } from "./queries";

/** `orders`: the first column has orders' ids. */
export function Figures({ table, orders = false }: { table: Table; orders?: boolean }) {
  const id = useId();
  return (
    <section className="panel report-table" aria-labelledby={id}>
      <h2 id={id}>{table.title}</h2>
      {table.rows.length === 0 ? (
        <p className="muted">{table.nothing}</p>
      ) : (
        <div className="table-scroll">
          <table className="table" aria-labelledby={id}>
            <thead>
              <tr>
                {table.heads.map((head, at) => (
                  <th key={head} scope="col" className={table.numbers.includes(at) ? "end" : undefined}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row.map(({ text }) => text).join("|")}>
                  {row.map((cell, at) => (
                    <td key={at} className={table.numbers.includes(at) ? "end num" : undefined}>
                      {orders && at === 0 ? (
                        <Link to="/orders/$id" params={{ id: cell.text }}>
                          {cell.text}
                        </Link>
                      ) : (
                        <Figure mark={cell.mark}>{cell.text}</Figure>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Figure({ mark, children }: { mark: string; children: string }) {
  const { t } = useTranslation("report");
  if (mark !== "ok" && mark !== "missed") return children;
  return (
    <Status tone={mark === "ok" ? "ok" : "bad"}>
      {children} <span className="muted">{t(mark)}</span>
    </Status>
  );
}
