/** An empty place says which of three it is: nothing yet, nothing like that, or not yours to see. */
import "./states.css";
import { FileSearchOutlined, InboxOutlined, LockOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";

const PICTURE = { first: InboxOutlined, match: FileSearchOutlined, right: LockOutlined };

interface Props {
  kind: keyof typeof PICTURE;
  title: string;
  hint?: ReactNode;
  action?: ReactNode;
}

export function Nothing({ kind, title, hint, action }: Props) {
  const Picture = PICTURE[kind];
  return (
    <div className="state">
      <Picture className="state-picture" aria-hidden />
      <strong>{title}</strong>
      {hint && <span className="muted">{hint}</span>}
      {action}
    </div>
  );
}
