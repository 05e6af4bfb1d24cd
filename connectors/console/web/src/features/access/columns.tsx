/** What is shown of a user in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import type { Column } from "../../shared/table/types";
import { Granted } from "./Granted";
import type { User } from "./queries";

export function useColumns(): Column<User>[] {
  const { t } = useTranslation("access");
  return useMemo(
    () => [
      { id: "name", title: t("name"), fixed: true, cell: (user) => user.name },
      {
        id: "granted",
        title: t("granted"),
        cell: (user) =>
          user.grants.length === 0 ? (
            <span className="muted">{t("nobody")}</span>
          ) : (
            user.grants.map((grant) => (
              <div key={`${grant.role} ${grant.kind} ${grant.place}`}>
                <Granted grant={grant} />
              </div>
            ))
          ),
      },
      {
        id: "seen",
        title: t("seen"),
        cell: (user) => (user.seen_at ? <Time at={user.seen_at} /> : <span className="muted">{t("never")}</span>),
      },
      { id: "since", title: t("since"), wide: true, cell: (user) => <Time at={user.made_at} exact /> },
      { id: "madeBy", title: t("madeBy"), wide: true, cell: (user) => user.made_by },
    ],
    [t],
  );
}
