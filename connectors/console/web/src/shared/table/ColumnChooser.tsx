/** Which columns are shown. */
import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useTranslation } from "react-i18next";
import type { Column } from "./types";

interface Props<Row> {
  all: readonly Column<Row>[];
  shown: readonly Column<Row>[];
  choose: (ids: readonly string[]) => void;
}

export function ColumnChooser<Row>({ all, shown, choose }: Props<Row>) {
  const { t } = useTranslation();
  const on = new Set(shown.map(({ id }) => id));
  const change = (id: string, checked: boolean) =>
    choose(all.filter((column) => (column.id === id ? checked : on.has(column.id))).map((column) => column.id));
  const list = (
    <div className="columns">
      {all.map((column) => (
        <Checkbox
          key={column.id}
          checked={on.has(column.id)}
          disabled={Boolean(column.fixed)}
          onChange={(event) => change(column.id, event.target.checked)}
        >
          {column.title}
        </Checkbox>
      ))}
    </div>
  );
  return (
    <Popover content={list} trigger="click" placement="bottomRight">
      <Button icon={<SettingOutlined aria-hidden />} aria-label={t("table.columns")} title={t("table.columns")} />
    </Popover>
  );
}
