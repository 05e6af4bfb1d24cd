/** The pages there are: the menu, the palette and the shortcuts are made of this one list. */
import {
  AppstoreOutlined,
  AuditOutlined,
  BranchesOutlined,
  CarryOutOutlined,
  ClusterOutlined,
  DashboardOutlined,
  HistoryOutlined,
  LineChartOutlined,
  ProfileOutlined,
  SendOutlined,
  ShopOutlined,
  TableOutlined,
  TeamOutlined,
  TruckOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";

export interface PageEntry {
  id:
    | "live"
    | "orders"
    | "reviews"
    | "tasks"
    | "writebacks"
    | "deliveries"
    | "listings"
    | "stock"
    | "rules"
    | "tables"
    | "report"
    | "audit"
    | "access"
    | "system";
  to: string;
  permission: string;
  /** Of use to who has the permission in all shops alone. */
  everywhere?: true;
  Icon: ComponentType<{ "aria-hidden"?: boolean }>;
}

export const PAGES: readonly PageEntry[] = [
  { id: "live", to: "/live", permission: "live.read", Icon: DashboardOutlined },
  { id: "orders", to: "/orders", permission: "orders.read", Icon: ProfileOutlined },
  { id: "reviews", to: "/reviews", permission: "review.read", Icon: AuditOutlined },
  { id: "tasks", to: "/tasks", permission: "tasks.read", Icon: CarryOutOutlined },
  { id: "writebacks", to: "/writebacks", permission: "writebacks.read", Icon: SendOutlined },
  { id: "deliveries", to: "/deliveries", permission: "deliveries.read", Icon: TruckOutlined },
  { id: "listings", to: "/listings", permission: "listings.read", Icon: ShopOutlined },
  { id: "stock", to: "/stock", permission: "stock.read", Icon: AppstoreOutlined },
  { id: "rules", to: "/rules", permission: "rules.read", Icon: BranchesOutlined },
  { id: "tables", to: "/tables", permission: "config.read", everywhere: true, Icon: TableOutlined },
  { id: "report", to: "/report", permission: "report.read", Icon: LineChartOutlined },
  { id: "audit", to: "/audit", permission: "audit.read", Icon: HistoryOutlined },
  { id: "access", to: "/access", permission: "access.manage", everywhere: true, Icon: TeamOutlined },
  { id: "system", to: "/system", permission: "system.read", Icon: ClusterOutlined },
];
