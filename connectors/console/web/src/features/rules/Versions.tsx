/** The versions there are, and going on from one of them. */
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { Status, type Tone } from "../../shared/status/Status";
import type { Plain } from "./document";
import { type Held, versionOf } from "./queries";

const TONES: Record<string, Tone> = { draft: "off", shadow: "busy", share: "busy", live: "ok", retired: "off" };

export function Versions({ held, open }: { held: Held; open: (tree: Plain) => void }) {
  const { t } = useTranslation("rules");
  if (held.versions.length === 0) return <p className="muted">{t("diff.noVersion")}</p>;
  return (
    <>
      {held.damaged.map((says) => (
        <p key={says} className="rule-wrong">
          {says}
        </p>
      ))}
      <ol className="timeline">
        {held.versions.map((it) => (
          <li key={it.number}>
            <span className="num">
              <strong>{t("way.version", { number: it.number })}</strong>
              <Status tone={TONES[it.state] ?? "off"}>{t(`state.${it.state}`)}</Status>
              <code>{it.digest.slice(0, 12)}</code>
            </span>
            <div className="muted">
              {it.by} <Time at={it.at} />
            </div>
            {it.note && <div>{it.note}</div>}
            <Button
              size="small"
              onClick={() => void versionOf(held.name, it.number).then((found) => open(found.document as Plain))}
            >
              {t("openVersion", { number: it.number })}
            </Button>
          </li>
        ))}
      </ol>
    </>
  );
}
