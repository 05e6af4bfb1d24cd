/** From a day to a day: the usual spans at a click, any other by its ends. */
import { CalendarOutlined } from "@ant-design/icons";
import { Button, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { spanOf } from "../format/days";
import type { Search } from "../url/search";
import type { Filter } from "./types";

const SPANS = [1, 7, 30] as const;

interface Props {
  /** The first and the last day. */
  filters: readonly Filter[];
  values: Search;
  set: (changes: Record<string, string | undefined>) => void;
}

export function Days({ filters, values, set }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [first, last] = filters;
  const choose = (days: number) => {
    const [from, to] = spanOf(days, Date.now());
    set({ ...(first && { [first.id]: from }), ...(last && { [last.id]: to }) });
    setOpen(false);
  };
  const content = (
    <div className="days">
      <div>
        {SPANS.map((days) => (
          <Button key={days} size="small" onClick={() => choose(days)}>
            {t(`table.days.${days}`)}
          </Button>
        ))}
      </div>
      {filters.map(({ id, label }) => (
        <Input
          key={id}
          type="date"
          aria-label={label}
          prefix={<span className="muted">{label}</span>}
          value={values[id] ?? ""}
          onChange={(event) => set({ [id]: event.target.value || undefined })}
        />
      ))}
    </div>
  );
  return (
    <Popover content={content} trigger="click" placement="bottomLeft" open={open} onOpenChange={setOpen}>
      <Button icon={<CalendarOutlined aria-hidden />}>{t("table.days.title")}</Button>
    </Popover>
  );
}
