/** Signing in. What was wrong is said by the server, in the person's language; where one wanted to go is kept. */
import "./shell.css";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { type Credentials, useSignIn } from "../api/session";
import type { Search } from "../shared/url/search";
import { Brand } from "./Brand";
import { home } from "./next";
import { Language } from "./Top";

export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as Search;
  const signIn = useSignIn();
  const submit = (credentials: Credentials) =>
    signIn.mutate(credentials, { onSuccess: () => void navigate({ href: home(next), replace: true }) });
  return (
    <main className="login">
      <Form<Credentials> layout="vertical" requiredMark={false} onFinish={submit} aria-label={t("login.title")}>
        <div className="panel login-card">
          <h1 className="brand">
            <Brand />
          </h1>
          <p className="muted">{t("purpose")}</p>
          {signIn.error && <Alert type="error" title={signIn.error.message} role="alert" />}
          <Form.Item name="name" label={t("login.user")} rules={[{ required: true, message: t("login.userMissing") }]}>
            <Input size="large" autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("login.password")}
            rules={[{ required: true, message: t("login.passwordMissing") }]}
          >
            <Input.Password size="large" autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" size="large" htmlType="submit" block loading={signIn.isPending}>
            {t("login.submit")}
          </Button>
          <div className="login-languages">
            <span />
            <Language />
          </div>
        </div>
      </Form>
    </main>
  );
}
