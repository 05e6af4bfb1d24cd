/** How answers are kept: for half a minute as they are; asked again where nothing answered, not where the server has said why not. */
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Fault } from "../api/fault";
import { SESSION } from "../api/session";
import { i18next } from "../shared/i18n";

const TRIES = 2;

export const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session ended while the page was open: what is asked next finds the log-in page.
      if (error instanceof Fault && error.status === 401) void client.invalidateQueries({ queryKey: SESSION });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failed, error) => failed < TRIES && !(error instanceof Fault && error.status > 0),
    },
  },
});

// The server's own texts come in the language that was asked for: asked again in another.
i18next.on("languageChanged", () => void client.invalidateQueries());
