/** The users, by role; one of them opened beside. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Causes } from "../../shared/desk/Causes";
import { Desk } from "../../shared/desk/Desk";
import { useWord } from "../../shared/i18n/useWord";
import { DataTable } from "../../shared/table/DataTable";
import type { Filter, Page } from "../../shared/table/types";
import { useTable } from "../../shared/table/useTable";
import { useColumns } from "./columns";
import { NewUser } from "./NewUser";
import type { Everybody, User } from "./queries";
import { counted, NONE, usersOf } from "./rows";
import { UserPanel } from "./UserPanel";

/** What is opened where somebody new is made. */
export const NEW = "+";

export function Users({ everybody }: { everybody: UseQueryResult<Everybody> }) {
  const { t } = useTranslation("access");
  const word = useWord();
  const role = (name: string) => (name === NONE ? t("nobody") : word("role", name));
  const filters = useMemo<Filter[]>(
    () => [
      { id: "q", label: t("search"), kind: "search", hint: t("searchHint") },
      {
        id: "role",
        label: t("role"),
        kind: "hidden",
        named: (name) => (name === NONE ? t("nobody") : word("role", name)),
      },
    ],
    [t, word],
  );
  const table = useTable("access", filters);
  const columns = useColumns();
  const found = everybody.data;
  const { item } = table.search;
  const opened = found?.users.find(({ name }) => name === item);
  const open = (name: string | undefined) => table.put({ item: name });
  const close = () => open(undefined);
  const all = { id: "", title: t("all"), items: found?.users.length ?? 0 };
  const roles = found
    ? counted(found).map((each) => ({ id: each.role, title: role(each.role), items: each.users }))
    : [];
  const page = { ...everybody, data: found && usersOf(found, table.filters) } as UseQueryResult<Page<User>>;
  return (
    <Desk
      causes={
        <Causes
          label={t("byRole")}
          causes={[all, ...roles]}
          chosen={table.filters.role ?? ""}
          choose={(id) => table.set({ role: id || undefined })}
        />
      }
      list={
        <DataTable
          label={t("users")}
          table={table}
          columns={columns}
          filters={filters}
          query={page}
          rowKey={({ name }) => name}
          onOpen={({ name }) => open(name)}
          opened={opened && item}
          first={{ title: t("none"), hint: t("noneHint") }}
        />
      }
      panel={
        found && item === NEW ? (
          <NewUser made={(name) => open(name)} close={close} />
        ) : (
          found && opened && <UserPanel key={item} user={opened} everybody={found} close={close} />
        )
      }
    />
  );
}
