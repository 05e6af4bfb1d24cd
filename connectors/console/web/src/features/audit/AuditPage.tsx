/** The audit: who did what to what, when and why, the newest first. */
import { useTranslation } from "react-i18next";
import { Desk } from "../../shared/desk/Desk";
import { Behind } from "../../shared/states/Behind";
import { DataTable } from "../../shared/table/DataTable";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { EntryPanel } from "./EntryPanel";
import { useFilters } from "./filters";
import { useAudit } from "./queries";

export default function AuditPage() {
  const { t } = useTranslation("audit");
  const columns = useColumns();
  const filters = useFilters();
  const table = useTable("audit", filters);
  const audit = useAudit(table.asked);
  const { item } = table.search;
  const opened = audit.data?.rows.find((row) => row.entry_id === item);
  const open = (id: string | undefined) => table.put({ item: id });
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        <span className="muted">{t("hint")}</span>
      </header>
      <Behind seconds={audit.data?.behind_s} asOf={audit.data?.as_of} />
      <Desk
        list={
          <DataTable
            label={t("title")}
            table={table}
            columns={columns}
            filters={filters}
            query={audit}
            rowKey={(row) => row.entry_id}
            onOpen={(row) => open(row.entry_id)}
            opened={opened && item}
            first={{ title: t("none"), hint: t("noneHint") }}
          />
        }
        panel={opened && <EntryPanel key={item} entry={opened} close={() => open(undefined)} />}
      />
    </>
  );
}
