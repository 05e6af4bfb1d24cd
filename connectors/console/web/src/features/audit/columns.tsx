/** What is shown of an entry in the list. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../shared/format/Time";
import { useWord } from "../../shared/i18n/useWord";
import { Status } from "../../shared/status/Status";
import type { Column } from "../../shared/table/types";
import type { Entry } from "./queries";
import { useOutcome } from "./useOutcome";

function Outcome({ of }: { of: string }) {
  const { tone, said } = useOutcome()(of);
  return <Status tone={tone}>{said}</Status>;
}

export function useColumns(): Column<Entry>[] {
  const { t } = useTranslation("audit");
  const word = useWord();
  return useMemo(
    () => [
      { id: "action", title: t("action"), fixed: true, cell: (row) => word("action", row.action) },
      { id: "subject", title: t("subject"), cell: (row) => <code>{row.subject}</code> },
      { id: "by", title: t("by"), cell: (row) => row.done_by },
      { id: "reason", title: t("reason"), wide: true, cell: (row) => row.reason },
      { id: "at", title: t("at"), cell: (row) => <Time at={row.at} exact /> },
      {
        id: "outcome",
        title: t("outcome"),
        wide: true,
        cell: (row) => <Outcome of={row.outcome} />,
      },
      { id: "entry", title: t("entry"), spare: true, cell: (row) => <code>{row.entry_id}</code> },
    ],
    [t, word],
  );
}
