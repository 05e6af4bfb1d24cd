/** Where an order stands. */
import { useWord } from "../i18n/useWord";
import { Status, type Tone } from "./Status";

const TONES: Record<string, Tone> = {
  UNPAID: "off",
  HELD: "warn",
  RESERVING: "busy",
  ALLOCATED: "busy",
  BACKORDERED: "warn",
  CANCELLED: "off",
  SHIPPED: "ok",
  ELSEWHERE: "off",
};
export const PHASES = Object.keys(TONES);

export function Phase({ phase }: { phase: string }) {
  const word = useWord();
  return <Status tone={TONES[phase] ?? "off"}>{word("phase", phase)}</Status>;
}
