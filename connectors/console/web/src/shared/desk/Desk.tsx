/** A work list: what there is by cause at the left, the list, and at the right what is opened of it. */
import "./desk.css";
import type { ReactNode } from "react";

export function Desk({ causes, list, panel }: { causes?: ReactNode; list: ReactNode; panel: ReactNode }) {
  const classes = ["desk", panel && "desk-open", !causes && "desk-bare"].filter(Boolean);
  return (
    <div className={classes.join(" ")}>
      {causes}
      <div className="desk-list">{list}</div>
      {panel}
    </div>
  );
}
