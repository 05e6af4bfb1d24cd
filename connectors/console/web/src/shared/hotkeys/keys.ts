/** Every shortcut there is: one list for the keys themselves, the hints on buttons, the palette and the help. */
export const SHORTCUTS = {
  palette: "mod+k",
  help: "?",
  search: "/",
  next: "j",
  previous: "k",
  open: "enter",
  close: "escape",
  edit: "e",
  send: "mod+enter",
  refuse: "mod+.",
  claim: "c",
  pause: "p",
  undo: "mod+z",
  redo: "mod+y",
  orders: "g o",
  reviews: "g r",
  tasks: "g h",
  live: "g l",
  writebacks: "g w",
  deliveries: "g v",
  listings: "g i",
  stock: "g s",
  system: "g y",
  rules: "g d",
  tables: "g t",
  report: "g p",
  audit: "g a",
  access: "g u",
} as const;
export type Shortcut = keyof typeof SHORTCUTS;

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What stands on the keys: ["Ctrl", "K"]. */
export function labels(shortcut: Shortcut): string[] {
  const named: Record<string, string> = { mod: MAC ? "⌘" : "Ctrl", enter: "Enter", escape: "Esc" };
  return SHORTCUTS[shortcut].split(/[+ ]/).map((key) => named[key] ?? key.toUpperCase());
}

/** The stroke of a key press, as the list writes it; null for a modifier alone. */
export function stroke(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string | null {
  const key = event.key.toLowerCase();
  if (event.altKey || ["control", "meta", "shift", "alt"].includes(key)) return null;
  return (MAC ? event.metaKey : event.ctrlKey) ? `mod+${key}` : key;
}

/** Which of the active shortcuts strokes make; "more" when they begin one of two keys. */
export function matched(strokes: readonly string[], active: Iterable<Shortcut>): Shortcut | "more" | null {
  let begun: "more" | null = null;
  for (const shortcut of active) {
    const keys = SHORTCUTS[shortcut];
    if (keys === strokes.join(" ")) return shortcut;
    if (keys.startsWith(`${strokes.join(" ")} `)) begun = "more";
  }
  return begun;
}
