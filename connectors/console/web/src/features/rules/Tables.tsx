/** Tables of the document: rows, of which an order has the first whose conditions it meets. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { Conditions, Remove } from "./Conditions";
import { nameFor, type Table } from "./document";
import { idOf, useEditing } from "./editing";
import { FaultsAt } from "./FaultsAt";
import { Names } from "./Names";
import { Sortable } from "./Sortable";

export function Tables() {
  const { t } = useTranslation("rules");
  const { rules, add } = useEditing();
  const tables = rules.tables ?? [];
  const name = nameFor(
    t("newTable"),
    tables.map((each) => each.name),
  );
  return (
    <>
      <h2>{t("tables")}</h2>
      <p className="muted">{t("tablesHint")}</p>
      {tables.map((it, at) => (
        <Rows key={at} at={at} it={it} />
      ))}
      <Button icon={<PlusOutlined aria-hidden />} onClick={() => add(["tables"], { name, rows: [{ warehouses: [] }] })}>
        {t("addTable")}
      </Button>
    </>
  );
}

function Rows({ at, it }: { at: number; it: Table }) {
  const { t } = useTranslation("rules");
  const { put, add, move, warehouses } = useEditing();
  const path = ["tables", at] as const;
  const names = it.rows.map((_, number) => t("row", { number: number + 1 }));
  return (
    <section className="panel rule-card" id={idOf(path)} aria-label={it.name}>
      <div className="rule-line">
        <Input
          size="small"
          value={it.name}
          maxLength={64}
          aria-label={t("tableName")}
          onChange={(event) => put([...path, "name"], event.target.value)}
        />
        <Remove label={t("remove", { name: it.name })} remove={() => put(path, undefined)} />
      </div>
      <FaultsAt path={[...path, "name"]} />
      <Sortable label={it.name} names={names} move={(from, to) => move([...path, "rows"], from, to)}>
        {(number, handle) => {
          const place = [...path, "rows", number];
          const row = it.rows[number] ?? { warehouses: [] };
          return (
            <div className="rule-row" id={idOf(place)}>
              <div className="rule-line">
                {handle}
                <span className="rule-number num">{number + 1}</span>
                <Names
                  label={t("rowWarehouses", { number: number + 1 })}
                  value={row.warehouses}
                  known={warehouses}
                  change={(codes) => put([...place, "warehouses"], codes)}
                />
                <Remove label={t("remove", { name: names[number] })} remove={() => put(place, undefined)} />
              </div>
              <Conditions path={[...place, "when"]} conditions={row.when ?? []} />
              <FaultsAt path={[...place, "warehouses"]} />
              <FaultsAt path={place} alone />
            </div>
          );
        }}
      </Sortable>
      <Button
        size="small"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => add([...path, "rows"], { warehouses: [] })}
      >
        {t("addRow")}
      </Button>
      <FaultsAt path={path} alone />
      <FaultsAt path={[...path, "rows"]} alone />
    </section>
  );
}
