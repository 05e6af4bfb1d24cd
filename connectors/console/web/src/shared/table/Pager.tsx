/** From page to page, by key: there is a next one and one before, and no number that would be wrong the moment it is shown. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { moment } from "../format/format";

interface Props {
  count: number;
  asOf: string | null;
  next: string | null;
  back: (() => void) | undefined;
  forward: (next: string) => void;
}

export function Pager({ count, asOf, next, back, forward }: Props) {
  const { t } = useTranslation();
  return (
    <nav className="pager" aria-label={t("table.pages")}>
      <span className="muted num">{next || back ? t("table.rows", { count }) : t("table.allRows", { count })}</span>
      {asOf && <span className="muted num">{t("state.asOf", { at: moment(asOf) })}</span>}
      <Button size="small" icon={<LeftOutlined aria-hidden />} disabled={!back} onClick={back}>
        {t("table.back")}
      </Button>
      <Button
        size="small"
        icon={<RightOutlined aria-hidden />}
        iconPlacement="end"
        disabled={!next}
        onClick={() => next && forward(next)}
      >
        {t("table.forward")}
      </Button>
    </nav>
  );
}
