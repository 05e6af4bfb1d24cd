/** Where what was typed may lead. */
import type { PageEntry } from "./pages";

export type NamedPage = PageEntry & { name: string };

export interface Target {
  id: string;
  href: string;
  /** None: the order list, asked for what was typed. */
  page?: NamedPage;
}

export function found(text: string, pages: readonly NamedPage[], orders: boolean): Target[] {
  const asked = text.trim();
  const like = asked.toLowerCase();
  const targets: Target[] = pages
    .filter((page) => page.name.toLowerCase().includes(like) || page.id.startsWith(like))
    .map((page) => ({ id: page.id, href: page.to, page }));
  if (asked && orders) targets.push({ id: "find", href: `/orders?q=${encodeURIComponent(asked)}` });
  return targets;
}
