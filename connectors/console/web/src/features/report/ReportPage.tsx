/** A week: KPIs against target and the week before, what went wrong by day and by reason, what changed, what is worth a look. */
import "../../shared/table/rows.css";
import "./report.css";
import { LeftOutlined, PrinterOutlined, RightOutlined } from "@ant-design/icons";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { shopsOf, useSession } from "../../api/session";
import { Behind } from "../../shared/states/Behind";
import { Failed } from "../../shared/states/Failed";
import { Waiting } from "../../shared/states/Waiting";
import type { Search } from "../../shared/url/search";
import { Figures } from "./Figures";
import { Pie } from "./Pie";
import { type Report, useReport } from "./queries";
import { Sentences } from "./Sentences";
import { Trend } from "./Trend";

export default function ReportPage() {
  const { t } = useTranslation("report");
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const report = useReport(search.week, search.shop);
  const { session } = useSession();
  const shops = shopsOf(session);
  const go = (changes: Record<string, string | undefined>) =>
    void navigate({ to: ".", search: { ...search, ...changes } as never });
  const found = report.data;
  return (
    <>
      <header className="page-head">
        <h1>{found?.title ?? t("title")}</h1>
        {found && <span className="muted">{found.about}</span>}
        <div className="report-tools">
          {shops.length > 0 && (
            <Select
              aria-label={t("shop")}
              value={search.shop ?? ""}
              onChange={(shop: string) => go({ shop: shop || undefined })}
              options={[{ value: "", label: t("allShops") }, ...shops.map((value) => ({ value, label: value }))]}
              popupMatchSelectWidth={false}
            />
          )}
          <Button
            icon={<LeftOutlined aria-hidden />}
            disabled={!found}
            onClick={() => found && go({ week: found.before })}
          >
            {t("earlier")}
          </Button>
          <Button
            icon={<RightOutlined aria-hidden />}
            iconPlacement="end"
            disabled={!found?.after}
            onClick={() => found?.after && go({ week: found.after })}
          >
            {t("later")}
          </Button>
          <Button icon={<PrinterOutlined aria-hidden />} disabled={!found} onClick={() => window.print()}>
            {t("print")}
          </Button>
        </div>
      </header>
      <Behind seconds={found?.behind_s} asOf={found?.as_of} />
      {report.isError && <Failed error={report.error} retry={() => void report.refetch()} />}
      {!found && !report.isError && <Waiting rows={14} />}
      {found && !report.isError && <Shown report={found} stale={report.isPlaceholderData} />}
    </>
  );
}

function Shown({ report, stale }: { report: Report; stale: boolean }) {
  const { t } = useTranslation("report");
  const [overall, ...by] = report.kpis;
  return (
    <div className={stale ? "report stale" : "report"}>
      {report.late && <Alert showIcon type="warning" title={report.late} />}
      {overall && <Figures table={overall} />}
      <div className="report-pair">
        <Trend title={report.trend_title} days={report.days} lines={report.trend} />
        <Pie title={t("pie")} slices={report.slices} />
      </div>
      <div className="report-pair">
        <Figures table={report.reasons} />
        <div className="report">
          <Sentences list={report.changed} />
          <Sentences list={report.outages} />
        </div>
      </div>
      {by.map((table) => (
        <Figures key={table.title} table={table} />
      ))}
      <Figures table={report.open} orders />
      <section className="panel">
        <h2>{t("defined")}</h2>
        <p className="muted">{report.defined}</p>
      </section>
    </div>
  );
}
