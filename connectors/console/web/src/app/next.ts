/** Where to after signing in: a page of this console that was wanted before. An address elsewhere is not gone to, whatever a link says. */
export function home(next: string | undefined): string {
  const origin = window.location.origin;
  try {
    const url = new URL(next ?? "/", origin);
    if (url.origin === origin && !url.pathname.startsWith("//") && url.pathname !== "/login")
      return url.pathname + url.search;
  } catch {
    // No address at all.
  }
  return "/";
}
