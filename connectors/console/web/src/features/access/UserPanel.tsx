/** One user: what was granted, giving and taking roles, and what comes of it. */
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Panel } from "../../shared/desk/Panel";
import { Granted, useGranted } from "./Granted";
import { Holds } from "./Holds";
import { NewGrant } from "./NewGrant";
import { type Everybody, give, put, remove, take, type User, useChange } from "./queries";

interface Props {
  user: User;
  everybody: Everybody;
  close: () => void;
}

export function UserPanel({ user, everybody, close }: Props) {
  const { t } = useTranslation("access");
  const id = useId();
  const said = useGranted();
  const [because, setBecause] = useState("");
  const [password, setPassword] = useState("");
  const { session } = useSession();
  const granted = useChange((grant: Parameters<typeof give>[1]) => give(user.name, grant));
  const taken = useChange((grant: Parameters<typeof take>[1]) => take(user.name, grant));
  const reset = useChange(put, () => setPassword(""));
  const gone = useChange(() => remove(user.name, because), close);
  const error = [granted, taken, reset, gone].find((each) => each.error)?.error;
  const ready = because.trim() !== "";
  return (
    <Panel title={user.name} close={close}>
      <section className="deed-form">
        <div className="field">
          <label htmlFor={`${id}-because`}>{t("because")}</label>
          <Input
            id={`${id}-because`}
            value={because}
            maxLength={1000}
            placeholder={t("becauseHint")}
            onChange={(event) => setBecause(event.target.value)}
          />
        </div>
        {error && <Alert type="error" showIcon role="alert" title={error.message} />}
      </section>
      <section>
        <h3>{t("grants")}</h3>
        {user.grants.length === 0 && <p className="muted">{t("noGrants")}</p>}
        <ul className="grants">
          {user.grants.map(({ role, kind, place = "" }) => {
            const grant = { role, kind, place };
            const what = said(grant);
            return (
              <li key={`${role} ${kind} ${place}`}>
                <span>
                  <Granted grant={grant} />
                </span>
                <Button
                  size="small"
                  danger
                  disabled={!ready}
                  aria-label={t("revokeOne", { what: `${what.role} ${what.place}` })}
                  onClick={() => taken.mutate({ ...grant, because })}
                >
                  {t("revoke")}
                </Button>
              </li>
            );
          })}
        </ul>
        <NewGrant
          everybody={everybody}
          ready={ready && !granted.isPending}
          give={(grant) => granted.mutate({ ...grant, because })}
        />
      </section>
      <section>
        <h3>{t("holds")}</h3>
        <Holds name={user.name} />
      </section>
      <section className="deed-form">
        <div className="field">
          <label htmlFor={`${id}-password`}>{t("newPassword")}</label>
          <Input.Password
            id={`${id}-password`}
            value={password}
            placeholder={t("passwordHint")}
            autoComplete="new-password"
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        <div className="deeds">
          <Button
            disabled={!ready || password.length < 12}
            loading={reset.isPending}
            onClick={() => reset.mutate({ name: user.name, password, because })}
          >
            {t("setPassword")}
          </Button>
          <Button
            danger
            disabled={!ready || session?.name === user.name}
            loading={gone.isPending}
            onClick={() => gone.mutate(undefined)}
          >
            {t("remove")}
          </Button>
        </div>
      </section>
    </Panel>
  );
}
