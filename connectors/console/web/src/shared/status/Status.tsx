/** What state something is in: a dot and a word, never a colour alone. */
import "./status.css";
import type { ReactNode } from "react";

export type Tone = "ok" | "busy" | "warn" | "bad" | "off";

export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`status status-${tone}`}>
      <i aria-hidden="true" />
      {children}
    </span>
  );
}
