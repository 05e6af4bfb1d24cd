/** A number that is looked at from afar: what it is of, how much, and whether that is well. Where it leads somewhere, it is a link. */
import "./figure.css";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Tone } from "./Status";

interface Props {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  tone?: Tone;
  href?: string | undefined;
}

export function Figure({ label, value, hint, tone = "off", href }: Props) {
  const inner = (
    <>
      <span className="muted">{label}</span>
      <strong className={`num figure-${tone}`}>{value}</strong>
      <span className="muted figure-hint">{hint}</span>
    </>
  );
  return href ? (
    <Link className="panel figure" to={href as never}>
      {inner}
    </Link>
  ) : (
    <div className="panel figure">{inner}</div>
  );
}
