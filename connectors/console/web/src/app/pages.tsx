/** The pages there are: the menu, the palette and the shortcuts are made of this one list. */
import {
  AppstoreOutlined,
  AuditOutlined,
  ClusterOutlined,
  DashboardOutlined,
  ProfileOutlined,
  SendOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";

export interface PageEntry {
  id: "live" | "orders" | "reviews" | "writebacks" | "stock" | "system";
  to: string;
  permission: string;
  Icon: ComponentType<{ "aria-hidden"?: boolean }>;
}

export const PAGES: readonly PageEntry[] = [
  { id: "live", to: "/live", permission: "live.read", Icon: DashboardOutlined },
  { id: "orders", to: "/orders", permission: "orders.read", Icon: ProfileOutlined },
  { id: "reviews", to: "/reviews", permission: "review.read", Icon: AuditOutlined },
  { id: "writebacks", to: "/writebacks", permission: "writebacks.read", Icon: SendOutlined },
  { id: "stock", to: "/stock", permission: "stock.read", Icon: AppstoreOutlined },
  { id: "system", to: "/system", permission: "system.read", Icon: ClusterOutlined },
];
