/** The addresses and what stands at them; each page is loaded when it is first gone to. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { fetchSession } from "../api/session";
import { Failed } from "../shared/states/Failed";
import { Waiting } from "../shared/states/Waiting";
import { parseSearch, type Search, writeSearch } from "../shared/url/search";
import { Home } from "./Home";
import { LoginPage } from "./LoginPage";
import { client } from "./queries";
import { Shell } from "./Shell";
import { Unknown } from "./Unknown";

const root = createRootRoute({ component: Outlet, notFoundComponent: Unknown });

const login = createRoute({ getParentRoute: () => root, path: "login", component: LoginPage });

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  // The shop that was chosen goes along from page to page.
  validateSearch: (search: Record<string, unknown>) => search as Search,
  search: { middlewares: [retainSearchParams(["shop"])] },
  beforeLoad: async ({ location }) => {
    if ((await fetchSession(client)) === null)
      throw redirect({ to: "/login", search: { next: location.href } as never });
  },
});

const page = <Path extends string>(path: Path, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(load) });

const tree = root.addChildren([
  login,
  shell.addChildren([
    createRoute({ getParentRoute: () => shell, path: "/", component: Home }),
    page("orders", () => import("../features/orders/OrdersPage")),
    page("orders/$id", () => import("../features/order/OrderPage")),
    page("live", () => import("../features/live/LivePage")),
    page("writebacks", () => import("../features/writebacks/WritebacksPage")),
    page("deliveries", () => import("../features/deliveries/DeliveriesPage")),
    page("listings", () => import("../features/listings/ListingsPage")),
    page("stock", () => import("../features/stock/StockPage")),
    page("rules", () => import("../features/rules/RulesPage")),
    page("rules/$name", () => import("../features/rules/RulePage")),
    page("tables", () => import("../features/tables/TablesPage")),
    page("tables/new", () => import("../features/tables/DocumentPage")),
    page("tables/$document", () => import("../features/tables/DocumentPage")),
    page("report", () => import("../features/report/ReportPage")),
    page("audit", () => import("../features/audit/AuditPage")),
    page("access", () => import("../features/access/AccessPage")),
    page("system", () => import("../features/system/SystemPage")),
    page("tasks", () => import("../features/tasks/TasksPage")),
    page("reviews", () => import("../features/reviews/ReviewsPage")),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  parseSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
