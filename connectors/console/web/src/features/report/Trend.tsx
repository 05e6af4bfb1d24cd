/** What went wrong, day by day: a line for each kind. */
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client";
import { Chart } from "../../shared/chart/Chart";

interface Props {
  title: string;
  days: readonly string[];
  lines: readonly Schema["TrendLine"][];
}

export function Trend({ title, days, lines }: Props) {
  const { t } = useTranslation("report");
  const id = useId();
  const option = useMemo(
    () => ({
      aria: { enabled: true },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: { bottom: 0, type: "scroll" },
      grid: { left: 44, right: 16, top: 16, bottom: 56 },
      xAxis: { type: "category", data: [...days], boundaryGap: false },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { opacity: 0.4 } } },
      series: lines.map(({ name, counts }) => ({ name, type: "line", data: [...counts] })),
    }),
    [days, lines],
  );
  return (
    <section className="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lines.length === 0 ? (
        <p className="muted">{t("nothing")}</p>
      ) : (
        <Chart label={title} option={option} height={280} />
      )}
    </section>
  );
}
