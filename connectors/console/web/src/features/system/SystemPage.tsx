/** How the hub runs, as `penstock status` tells it; asked again every five seconds unless that is stopped. */
import "../../shared/table/rows.css";
import "./system.css";
import { PauseOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, body } from "../../api/client";
import { CopyId } from "../../shared/copy/CopyId";
import { Time } from "../../shared/format/Time";
import { useHotkeys } from "../../shared/hotkeys/useHotkeys";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import { Checks } from "./Checks";
import { Lag } from "./Lag";
import { Numbers } from "./Numbers";

const EVERY_MS = 5_000;

export default function SystemPage() {
  const { t } = useTranslation("system");
  const [paused, setPaused] = useState(false);
  const system = useQuery({
    queryKey: ["system"],
    queryFn: () => body(api.GET("/api/system")),
    refetchInterval: paused ? false : EVERY_MS,
  });
  useHotkeys({ pause: () => setPaused(!paused) });
  const it = system.data;
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        {it && (
          <span className="muted">
            {t("at")} <Time at={it.at} exact />
          </span>
        )}
        <CopyId id="penstock status" />
        <Button
          size="small"
          icon={paused ? <PlayCircleOutlined aria-hidden /> : <PauseOutlined aria-hidden />}
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
        >
          {paused ? t("goOn") : t("pause")}
        </Button>
      </header>
      {system.isError && !it && <Failed error={system.error} retry={() => void system.refetch()} />}
      {system.isError && it && <Alert showIcon type="warning" className="behind" title={system.error.message} />}
      {!it && system.isPending && <Waiting />}
      {it && (
        <div className="system">
          <Numbers system={it} />
          {it.misfits.length > 0 && (
            <Alert
              type="error"
              showIcon
              title={t("misfits")}
              description={it.misfits.map((said) => <p key={said}>{said}</p>)}
            />
          )}
          <div className="system-pair">
            <Lag title={t("stages")} lags={it.stages} />
            <Lag title={t("sinks")} lags={it.sinks} />
          </div>
          <Checks checks={it.checks} />
        </div>
      )}
    </>
  );
}
