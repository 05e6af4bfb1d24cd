/** Where telling a shop what it should show stands. */
import { useWord } from "../i18n/useWord";
import { Status, type Tone } from "./Status";

const TONES: Record<string, Tone> = {
  UNKNOWN: "off",
  WAITING: "off",
  REQUESTED: "busy",
  RETRYING: "warn",
  SHOWN: "ok",
  DEAD: "bad",
};

export function Shown({ phase }: { phase: string }) {
  const word = useWord();
  return <Status tone={TONES[phase] ?? "off"}>{word("listing", phase)}</Status>;
}
