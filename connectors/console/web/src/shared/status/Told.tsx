/** Where telling a platform of a parcel stands. */
import { useWord } from "../i18n/useWord";
import { Status, type Tone } from "./Status";

const TONES: Record<string, Tone> = {
  WAITING: "off",
  REQUESTED: "busy",
  RETRYING: "warn",
  WRITTEN: "ok",
  DEAD: "bad",
  ABANDONED: "off",
};

export function Told({ phase }: { phase: string }) {
  const word = useWord();
  return <Status tone={TONES[phase] ?? "off"}>{word("writeback", phase)}</Status>;
}
