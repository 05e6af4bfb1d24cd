/** The pages there are: the menu, the palette and the shortcuts are made of this one list. */
import { ProfileOutlined } from "@ant-design/icons";
import type { ComponentType } from "react";

export interface PageEntry {
  id: "orders";
  to: string;
  permission: string;
  Icon: ComponentType<{ "aria-hidden"?: boolean }>;
}

export const PAGES: readonly PageEntry[] = [
  { id: "orders", to: "/orders", permission: "orders.read", Icon: ProfileOutlined },
];
