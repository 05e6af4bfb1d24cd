/** Somebody new: a name and a first password; what they may do is granted next. */
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "../../shared/desk/Panel";
import { put, useChange } from "./queries";

export function NewUser({ made, close }: { made: (name: string) => void; close: () => void }) {
  const { t } = useTranslation("access");
  const id = useId();
  const [told, setTold] = useState({ name: "", password: "", because: "" });
  const name = told.name.trim();
  const add = useChange(put, () => made(name));
  const ready = name !== "" && told.password.length >= 12 && told.because.trim() !== "" && !add.isPending;
  return (
    <Panel title={t("addUser")} close={close}>
      <form
        className="deed-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) add.mutate({ ...told, name });
        }}
      >
        <div className="field">
          <label htmlFor={`${id}-name`}>{t("userName")}</label>
          <Input
            id={`${id}-name`}
            autoFocus
            autoComplete="off"
            value={told.name}
            maxLength={200}
            onChange={(event) => setTold({ ...told, name: event.target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-password`}>{t("password")}</label>
          <Input.Password
            id={`${id}-password`}
            autoComplete="new-password"
            placeholder={t("passwordHint")}
            value={told.password}
            onChange={(event) => setTold({ ...told, password: event.target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-because`}>{t("because")}</label>
          <Input
            id={`${id}-because`}
            value={told.because}
            maxLength={1000}
            placeholder={t("becauseHint")}
            onChange={(event) => setTold({ ...told, because: event.target.value })}
          />
        </div>
        {add.error && <Alert type="error" showIcon role="alert" title={add.error.message} />}
        <div className="deeds">
          <Button type="primary" htmlType="submit" disabled={!ready} loading={add.isPending}>
            {t("addUser")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
