/** Departments and their shops; one of them opened beside. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Desk } from "../../shared/desk/Desk";
import { Panel } from "../../shared/desk/Panel";
import { DataTable } from "../../shared/table/DataTable";
import type { Column, Page } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { type Department, type Everybody, setDepartment, useChange } from "./queries";
import { departmentsOf } from "./rows";
import { NEW } from "./Users";

const NO_FILTERS = [] as const;

export function Departments({ everybody }: { everybody: UseQueryResult<Everybody> }) {
  const { t } = useTranslation("access");
  const table = useTable("departments", NO_FILTERS);
  const { item } = table.search;
  const found = everybody.data;
  const columns = useMemo<Column<Department>[]>(
    () => [
      { id: "department", title: t("department"), fixed: true, cell: ({ department }) => department },
      { id: "shops", title: t("shops"), cell: ({ shops }) => shops.join(t("comma")) },
    ],
    [t],
  );
  const opened = found?.departments.find(({ department }) => department === item);
  const open = (name: string | undefined) => table.put({ item: name });
  const page = { ...everybody, data: found && departmentsOf(found) } as UseQueryResult<Page<Department>>;
  return (
    <Desk
      list={
        <DataTable
          label={t("departments")}
          table={table}
          columns={columns}
          filters={NO_FILTERS}
          query={page}
          rowKey={({ department }) => department}
          onOpen={({ department }) => open(department)}
          opened={opened && item}
          first={{ title: t("noDepartments"), hint: t("noDepartmentsHint") }}
        />
      }
      panel={
        found &&
        (opened || item === NEW) && (
          <DepartmentPanel key={item} department={opened} shops={found.shops} close={() => open(undefined)} />
        )
      }
    />
  );
}

interface Props {
  /** None: a new one. */
  department: Department | undefined;
  shops: readonly string[];
  close: () => void;
}

function DepartmentPanel({ department, shops, close }: Props) {
  const { t } = useTranslation("access");
  const id = useId();
  const [name, setName] = useState(department?.department ?? "");
  const [chosen, setChosen] = useState(department?.shops ?? []);
  const [because, setBecause] = useState("");
  const save = useChange(() => setDepartment(name.trim(), { shops: chosen, because }), close);
  const ready = name.trim() !== "" && because.trim() !== "" && !save.isPending;
  return (
    <Panel title={department?.department ?? t("addDepartment")} close={close}>
      <section className="deed-form">
        {!department && (
          <div className="field">
            <label htmlFor={`${id}-name`}>{t("departmentName")}</label>
            <Input id={`${id}-name`} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </div>
        )}
        <div className="field">
          <label htmlFor={`${id}-shops`}>{t("shops")}</label>
          <Select
            id={`${id}-shops`}
            mode="tags"
            value={chosen}
            placeholder={t("shopsHint")}
            options={shops.map((value) => ({ value, label: value }))}
            onChange={setChosen}
          />
        </div>
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
        {save.error && <Alert type="error" showIcon role="alert" title={save.error.message} />}
        <div className="deeds">
          <Button type="primary" disabled={!ready} loading={save.isPending} onClick={() => save.mutate(undefined)}>
            {t("save")}
          </Button>
        </div>
      </section>
    </Panel>
  );
}
