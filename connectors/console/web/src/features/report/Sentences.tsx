/** Sentences of the report, or that there are none. */
import { useId } from "react";
import type { Schema } from "../../api/client";

export function Sentences({ list }: { list: Schema["ReportList"] }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <h2 id={id}>{list.title}</h2>
      {list.lines.length === 0 && <p className="muted">{list.nothing}</p>}
      <ul className="report-lines">
        {list.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
