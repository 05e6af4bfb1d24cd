/** What comes after a row in its list, or before it where it is the last; none when it is alone. */
export function following<Row>(rows: readonly Row[], isRow: (row: Row) => boolean): Row | undefined {
  const at = rows.findIndex(isRow);
  return at < 0 ? undefined : (rows[at + 1] ?? rows[at - 1]);
}
