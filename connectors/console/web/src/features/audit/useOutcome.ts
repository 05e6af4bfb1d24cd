/** What came of a deed, in words, and how well that is: a person's deed is done, a parcel's telling ends as its platform answered. */
import { useWord } from "../../shared/i18n/useWord";
import type { Tone } from "../../shared/status/Status";

const WELL = new Set(["done", "SHIPPED", "ALREADY_SHIPPED"]);

export function useOutcome(): (outcome: string) => { tone: Tone; said: string } {
  const word = useWord();
  return (outcome) => {
    const said = word("result", outcome);
    return { tone: WELL.has(outcome) ? "ok" : "warn", said: said === outcome ? word("outcome", outcome) : said };
  };
}
