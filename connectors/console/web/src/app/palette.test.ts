import { expect, test } from "vitest";
import { PAGES } from "./pages";
import { found } from "./palette";

const pages = PAGES.map((page) => ({ ...page, name: { orders: "订单", stock: "库存" }[page.id as string] ?? page.id }));
const ids = (text: string, orders = true) => found(text, pages, orders).map(({ id }) => id);

test("nothing typed: every page", () => {
  expect(ids("")).toEqual(PAGES.map(({ id }) => id));
});

test("a page by its name in the person's language, or by its English one", () => {
  expect(ids("订")).toEqual(["orders", "find"]);
  expect(ids("ORD")).toEqual(["orders", "find"]);
  expect(ids("库")).toEqual(["stock", "find"]);
});

test("anything else is looked for among the orders, each sign kept", () => {
  expect(found(" taobao:1&2 ", pages, true)).toEqual([{ id: "find", href: "/orders?q=taobao%3A1%262" }]);
});

test("who may not read orders is not sent there", () => {
  expect(ids("2300000000000000001", false)).toEqual([]);
});
