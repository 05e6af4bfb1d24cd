/** What every page stands in: language, theme, the server's answers, the address. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ConfigProvider, App as Messages } from "antd";
import { I18nextProvider, useTranslation } from "react-i18next";
import { i18next, widgetTexts } from "../shared/i18n";
import { useMode } from "../shared/theme/mode";
import { Tokens } from "../shared/theme/Tokens";
import { themeOf } from "../shared/theme/tokens";
import { client } from "./queries";
import { router } from "./router";

const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

export function App() {
  return (
    <I18nextProvider i18n={i18next}>
      <QueryClientProvider client={client}>
        <Look />
      </QueryClientProvider>
    </I18nextProvider>
  );
}

function Look() {
  // Drawn anew in another language.
  useTranslation();
  const mode = useMode();
  return (
    <ConfigProvider
      csp={{ nonce }}
      locale={widgetTexts()}
      theme={themeOf(mode)}
      // Two-character Chinese labels would get a space between them, and not be found by their name.
      button={{ autoInsertSpace: false }}
    >
      <Tokens />
      <Messages component={false}>
        <RouterProvider router={router} />
      </Messages>
    </ConfigProvider>
  );
}
