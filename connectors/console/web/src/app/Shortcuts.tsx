/** ?: the shortcuts that work where one is. */
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../shared/dialog/Dialog";
import { Keys } from "../shared/hotkeys/Keys";
import { labels } from "../shared/hotkeys/keys";
import { useActive } from "../shared/hotkeys/useHotkeys";

export function Shortcuts({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const active = useActive();
  return (
    <Dialog title={t("keys.title")} close={close}>
      <div className="help">
        {active.map((shortcut) => (
          <Fragment key={shortcut}>
            <span>{t(`keys.${shortcut}`)}</span>
            <span>
              <Keys of={shortcut} />
              <span className="unseen">{labels(shortcut).join(" ")}</span>
            </span>
          </Fragment>
        ))}
      </div>
    </Dialog>
  );
}
