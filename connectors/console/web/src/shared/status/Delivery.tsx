/** Where telling a warehouse's system of an order stands. */
import { useWord } from "../i18n/useWord";
import { Status, type Tone } from "./Status";

const TONES: Record<string, Tone> = {
  WAITING: "off",
  REQUESTED: "busy",
  RETRYING: "warn",
  CREATED: "busy",
  CANCELLING: "busy",
  CANCELLED: "off",
  TOO_LATE: "bad",
  SHIPPED: "ok",
  ELSEWHERE: "off",
  DEAD: "bad",
  ABANDONED: "off",
};

export function Delivery({ phase }: { phase: string }) {
  const word = useWord();
  return <Status tone={TONES[phase] ?? "off"}>{word("delivery", phase)}</Status>;
}
