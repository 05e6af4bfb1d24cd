/** ECharts in a box: told what to draw, in the page's mode, described for whoever cannot see it. */
import { LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useMode } from "../theme/mode";

echarts.use([LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Props {
  label: string;
  option: echarts.EChartsCoreOption;
  height: number;
}

export default function Drawn({ label, option, height }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts>(null);
  const mode = useMode();
  useEffect(() => {
    if (!box.current) return;
    const drawn = echarts.init(box.current, mode === "dark" ? "dark" : null);
    chart.current = drawn;
    const resized = new ResizeObserver(() => drawn.resize());
    resized.observe(box.current);
    return () => {
      resized.disconnect();
      drawn.dispose();
      chart.current = null;
    };
  }, [mode]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart of the other mode is a new one, and empty
  useEffect(() => {
    const textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
    chart.current?.setOption({ backgroundColor: "transparent", animation: false, textStyle, ...option });
  }, [option, mode]);
  return <div ref={box} role="img" aria-label={label} style={{ height }} />;
}
