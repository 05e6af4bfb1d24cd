/** What happens now: orders coming in, how they fare, what waits. Every number leads to what it counts. */
import "../../shared/table/rows.css";
import "./live.css";
import { PauseOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { Nothing } from "../../shared/states/Nothing";
import { Waiting } from "../../shared/states/Waiting";
import { Figures } from "./Figures";
import { Inflow } from "./Inflow";
import { LagList } from "./LagList";
import { Reasons } from "./Reasons";
import { useLive } from "./useLive";

export default function LivePage() {
  const { t } = useTranslation("live");
  const [paused, setPaused] = useState(false);
  const { seconds, trouble, over } = useLive(paused);
  useHotkeys({ pause: () => setPaused(!paused) });
  const now = seconds.at(-1);
  if (over) return <Nothing kind="right" title={t("over")} />;
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        {now && (
          <span className="muted">
            {t("at")} <Time at={now.at} exact />
          </span>
        )}
        <Button
          size="small"
          icon={paused ? <PlayCircleOutlined aria-hidden /> : <PauseOutlined aria-hidden />}
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
        >
          {paused ? t("goOn") : t("pause")}
        </Button>
      </header>
      {trouble && <Alert showIcon type="warning" className="behind" title={trouble} />}
      {!now && !trouble && <Waiting />}
      {now && (
        <div className="live">
          <Figures now={now} />
          <Inflow seconds={seconds} />
          <div className="live-pair">
            <Reasons reasons={now.reasons} />
            <LagList lag={now.lag} />
          </div>
        </div>
      )}
    </>
  );
}
