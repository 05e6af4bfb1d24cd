/** The server, by its own description (`npm run types` writes api.d.ts from it, and holds the pages against it). What it refuses comes as a Fault. */
import createClient, { type Middleware } from "openapi-fetch";
import { language } from "../shared/i18n";
import type { components, paths } from "./api";
import { Fault } from "./fault";

export type Schema = components["schemas"];

const REQUEST_ID = "X-Request-Id";

interface Refusal {
  code?: string;
  message?: string;
  fix?: string | null;
  field?: string | null;
}

const manners: Middleware = {
  onRequest({ request }) {
    // A form on another site cannot set this; the server takes no change without it.
    request.headers.set("X-Penstock", "1");
    request.headers.set("Accept-Language", language());
  },
  async onResponse({ response }) {
    if (response.ok) return;
    const said = (await response.json().catch(() => ({}))) as Refusal;
    const id = response.headers.get(REQUEST_ID);
    throw new Fault(response.status, said.code ?? "", said.message ?? response.statusText, id, said.fix, said.field);
  },
  onError({ error }) {
    return error instanceof Fault ? error : new Fault(0, "away", String(error));
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(manners);

/** The body of an answer; the middleware has thrown where there is none. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
