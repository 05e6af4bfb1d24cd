/** antd's colours as variables of the page, for the style sheets beside the components. */
import { theme } from "antd";
import { useLayoutEffect } from "react";

export function Tokens(): null {
  const { token } = theme.useToken();
  useLayoutEffect(() => {
    const root = document.documentElement.style;
    const colours = {
      "--page": token.colorBgLayout,
      "--surface": token.colorBgContainer,
      "--raised": token.colorBgElevated,
      "--ink": token.colorText,
      "--muted": token.colorTextDescription,
      "--line": token.colorBorderSecondary,
      "--edge": token.colorBorder,
      "--hover": token.colorFillQuaternary,
      "--fill": token.colorFillTertiary,
      "--accent": token.colorPrimary,
      "--link": token.colorLink,
      "--accent-soft": token.colorPrimaryBg,
      "--ok": token.colorSuccess,
      "--warn": token.colorWarning,
      "--bad": token.colorError,
      "--ok-soft": token.colorSuccessBg,
      "--warn-soft": token.colorWarningBg,
      "--bad-soft": token.colorErrorBg,
      "--font": token.fontFamily,
    };
    for (const [name, value] of Object.entries(colours)) root.setProperty(name, value);
  }, [token]);
  return null;
}
