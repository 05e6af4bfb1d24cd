/** Where a task stands. */
import { useWord } from "../i18n/useWord";
import { Status, type Tone } from "./Status";

const TONES: Record<string, Tone> = {
  OPEN: "warn",
  APPROVED: "ok",
  REFUSED: "bad",
  RELEASED: "ok",
  LATE: "bad",
  WITHDRAWN: "off",
  TOLD: "off",
};

export function TaskState({ state }: { state: string }) {
  const word = useWord();
  return <Status tone={TONES[state] ?? "off"}>{word("taskState", state)}</Status>;
}
