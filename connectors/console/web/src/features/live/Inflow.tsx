/** Orders a second, channel by channel, over the last five minutes; as lines, and as numbers beside their names. */
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "../../shared/chart/Chart";
import { count, moment } from "../../shared/format/format";
import { useWord } from "../../shared/i18n/useWord";
import type { Second } from "./useLive";

const OF_S = 10;

export function Inflow({ seconds }: { seconds: readonly Second[] }) {
  const { t } = useTranslation("live");
  const word = useWord();
  const now = seconds.at(-1);
  const names = [...new Set(seconds.flatMap(({ channels }) => channels.map(({ channel }) => channel)))].sort();
  const key = names.join();
  const option = useMemo(() => {
    const channels = key ? key.split(",") : [];
    return {
      aria: { enabled: true },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: { top: 0, right: 0 },
      grid: { left: 40, right: 16, top: 36, bottom: 24 },
      xAxis: { type: "category", data: seconds.map(({ at }) => moment(at).slice(11)), boundaryGap: false },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { opacity: 0.4 } } },
      series: channels.map((channel) => ({
        name: word("channel", channel),
        type: "line",
        showSymbol: false,
        data: seconds.map(
          (second) => (second.channels.find((each) => each.channel === channel)?.last_10_s ?? 0) / OF_S,
        ),
      })),
    };
  }, [seconds, key, word]);
  return (
    <section className="panel" aria-labelledby="inflow">
      <h2 id="inflow">{t("perSecond")}</h2>
      {names.length === 0 ? (
        <p className="muted">{t("quiet")}</p>
      ) : (
        <>
          <Chart label={t("perSecond")} option={option} />
          <ul className="live-channels">
            {now?.channels.map((channel) => (
              <li key={channel.channel}>
                <Link to={`/orders?channel=${channel.channel}` as never}>{word("channel", channel.channel)}</Link>{" "}
                <span className="num">
                  {t("inMinute", { count: channel.last_minute, shown: count(channel.last_minute) })}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
