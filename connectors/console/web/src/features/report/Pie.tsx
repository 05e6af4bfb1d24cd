/** What went wrong, by reason: a slice for each, and the same as numbers. */
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { Chart } from "../../shared/chart/Chart";
import { count, share } from "../../shared/format/format";

/** Of the slices, in their order; as many as the report has at the most. */
const COLOURS = ["#0958d9", "#c41d7f", "#d46b08", "#389e0d", "#722ed1", "#08979c", "#a8820c", "#7a7a7a"];

export function Pie({ title, slices }: { title: string; slices: readonly Schema["ReportSlice"][] }) {
  const { t } = useTranslation("report");
  const id = useId();
  const whole = slices.reduce((sum, slice) => sum + slice.count, 0);
  const option = useMemo(
    () => ({
      color: COLOURS,
      aria: { enabled: true },
      tooltip: { trigger: "item", renderMode: "richText" },
      series: [
        {
          type: "pie",
          radius: ["42%", "72%"],
          label: { show: false },
          data: slices.map(({ name, count: value }) => ({ name, value })),
        },
      ],
    }),
    [slices],
  );
  return (
    <section className="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {slices.length === 0 ? (
        <p className="muted">{t("nothing")}</p>
      ) : (
        <>
          <Chart label={title} option={option} height={170} />
          <ul className="report-slices">
            {slices.map((slice, at) => (
              <li key={slice.name}>
                <span>
                  <i aria-hidden="true" style={{ background: COLOURS[at % COLOURS.length] }} /> {slice.name}
                </span>
                <span className="num">{count(slice.count)}</span>
                <span className="num muted">{share(slice.count / whole)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
