/** One shop's entry of a SKU: what it shows, should, and was seen to show, why, and telling it again. */
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { CopyId } from "../../shared/copy/CopyId";
import { Panel } from "../../shared/desk/Panel";
import { Redrive } from "../../shared/desk/Redrive";
import { Time } from "../../shared/format/Time";
import { useAnswer } from "../../shared/i18n/useAnswer";
import { useWord } from "../../shared/i18n/useWord";
import { Shown } from "../../shared/status/Shown";
import { ALL, keyOf, LISTS, type Row, redrive } from "./queries";
import { Difference, Units } from "./Units";

interface Props {
  row: Row;
  close: () => void;
  next: () => void;
}

export default function ListingPanel({ row, close, next }: Props) {
  const { t } = useTranslation("listings");
  const word = useWord();
  const answer = useAnswer("listingOutcome");
  const { can } = useSession();
  const ids = (["item", "variant", "location"] as const).filter((name) => row[name]);
  const moments = [
    ["changed", row.changed_at],
    ["told_at", row.told_at],
    ["seen_at", row.seen_at],
    ["next", row.next_at],
  ] as const;
  return (
    <Panel title={<code>{row.sku}</code>} close={close}>
      <section>
        <Shown phase={row.phase} />
        {(row.reason || row.phase === "DEAD") && (
          <ul className="reasons">
            <li>
              <strong>{answer(row)}</strong>
              <div>{row.reason}</div>
            </li>
          </ul>
        )}
      </section>
      <section>
        <dl className="facts">
          <dt>{t("channel")}</dt>
          <dd>
            {word("channel", row.channel)} · {row.shop}
          </dd>
          <dt>{t("wanted")}</dt>
          <dd>
            <Units units={row.wanted} /> {!row.open && <span className="muted">{t("closed")}</span>}
          </dd>
          <dt>{t("told")}</dt>
          <dd>
            <Units units={row.told} />
          </dd>
          <dt>{t("seen")}</dt>
          <dd>
            <Units units={row.seen} /> <Difference units={row.differs} />
          </dd>
          <dt>{t("attempt")}</dt>
          <dd className="num">{row.attempt}</dd>
          {moments.map(
            ([name, at]) =>
              at && [
                <dt key={name}>{t(name)}</dt>,
                <dd key={`${name} at`}>
                  <Time at={at} exact />
                </dd>,
              ],
          )}
          {ids.map((name) => [
            <dt key={name}>{t(name)}</dt>,
            <dd key={`${name} id`}>
              <CopyId id={row[name]} />
            </dd>,
          ])}
        </dl>
      </section>
      {can("listings.redrive") && (
        <Redrive<Row>
          label={t("redrive")}
          fields={[{ name: "because", label: t("because"), hint: t("becauseHint") }]}
          send={(told, key) => redrive(row, told.because ?? "", key)}
          lists={LISTS}
          all={ALL}
          isRow={(each) => keyOf(each) === keyOf(row)}
          next={next}
        />
      )}
    </Panel>
  );
}
