/** What a browser has and jsdom has not. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

window.matchMedia ??= (media: string) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
afterEach(cleanup);
