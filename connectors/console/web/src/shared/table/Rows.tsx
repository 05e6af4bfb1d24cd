/** The rows themselves. J and K move a mark through them, Enter opens the marked one; a mouse opens any. */
import "./rows.css";
import { Link } from "@tanstack/react-router";
import { type MouseEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useHotkeys } from "../hotkeys/useHotkeys";
import type { Chosen, Column } from "./types";
import { useMark } from "./useMark";

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  href?: ((row: Row) => string) | undefined;
  open?: ((row: Row) => void) | undefined;
  opened?: string | undefined;
  choice?: Chosen | undefined;
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

export function Rows<Row>({ label, rows, columns, rowKey, href, open, opened, choice }: Props<Row>) {
  const { t } = useTranslation();
  const keys = rows.map(rowKey);
  const [mark, move] = useMark(keys, opened);
  const marked = useRef<HTMLTableRowElement>(null);
  const step = (by: number) => {
    const row = rows[move(by)];
    // With a panel beside the list, moving on shows the next one there.
    if (row && opened !== undefined) open?.(row);
  };
  useHotkeys({
    next: () => step(1),
    previous: () => step(-1),
    ...(open && {
      open: () => {
        const row = rows[mark];
        if (row) open(row);
      },
    }),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark has moved, so its row is brought into view
  useEffect(() => {
    marked.current?.scrollIntoView({ block: "nearest" });
  }, [mark]);

  const clicked = (event: MouseEvent, row: Row) => {
    const target = event.target as HTMLElement;
    if (target.closest("a,button,input") || window.getSelection()?.toString()) return;
    open?.(row);
  };
  return (
    <div className="table-scroll">
      <table className={open ? "table table-open" : "table"} aria-label={label}>
        <thead>
          <tr>
            {choice && (
              <th scope="col" className="choose">
                <input
                  type="checkbox"
                  aria-label={t("bulk.all")}
                  checked={keys.every((key) => choice.keys.has(key))}
                  onChange={({ target }) => choice.set(new Set(target.checked ? keys : []))}
                />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.end ? "end" : undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const key = keys[index];
            return (
              <tr
                key={key}
                ref={index === mark ? marked : undefined}
                className={index === mark ? "marked" : undefined}
                aria-current={key === opened || undefined}
                onClick={(event) => clicked(event, row)}
              >
                {choice && key !== undefined && (
                  <td className="choose">
                    <input
                      type="checkbox"
                      aria-label={t("bulk.one", { key })}
                      checked={choice.keys.has(key)}
                      onChange={() => choice.set(toggled(choice.keys, key))}
                    />
                  </td>
                )}
                {columns.map((column, place) => (
                  <td key={column.id} className={column.end ? "end num" : undefined}>
                    {place === 0 && href ? (
                      <Link to={href(row) as never}>{column.cell(row)}</Link>
                    ) : place === 0 && open ? (
                      <button type="button" className="linklike" onClick={() => open(row)}>
                        {column.cell(row)}
                      </button>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
