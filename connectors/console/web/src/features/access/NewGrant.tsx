/** A role to be given: which, and where. */
import { Button, Input, Segmented, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWord } from "../../shared/i18n/useWord";
import type { Everybody, Grant } from "./queries";

type Chosen = Required<Grant>;

interface Props {
  everybody: Everybody;
  ready: boolean;
  give: (grant: Grant) => void;
}

export function NewGrant({ everybody, ready, give }: Props) {
  const { t } = useTranslation("access");
  const word = useWord();
  const id = useId();
  const [grant, setGrant] = useState<Chosen>({ role: "viewer", kind: "shop", place: "" });
  const places = {
    all: [],
    department: everybody.departments.map(({ department }) => department),
    shop: everybody.shops,
  };
  const whole = grant.kind === "all" || grant.place.trim() !== "";
  return (
    <div className="deed-form grant-form">
      <div className="field">
        <label htmlFor={`${id}-role`}>{t("role")}</label>
        <Select
          id={`${id}-role`}
          value={grant.role}
          options={everybody.roles.map(({ role }) => ({ value: role, label: word("role", role) }))}
          onChange={(role: string) => setGrant({ ...grant, role })}
        />
      </div>
      <Segmented
        aria-label={t("kind")}
        value={grant.kind}
        onChange={(kind: Chosen["kind"]) => setGrant({ ...grant, kind, place: "" })}
        options={[
          { value: "shop", label: t("shop") },
          { value: "department", label: t("department") },
          { value: "all", label: t("everywhere") },
        ]}
      />
      {grant.kind !== "all" && (
        <div className="field">
          <label htmlFor={`${id}-place`}>{t("place")}</label>
          <Input
            id={`${id}-place`}
            list={`${id}-places`}
            autoComplete="off"
            value={grant.place}
            onChange={(event) => setGrant({ ...grant, place: event.target.value })}
          />
          <datalist id={`${id}-places`}>
            {places[grant.kind].map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </div>
      )}
      <div className="deeds">
        <Button
          type="primary"
          disabled={!ready || !whole}
          onClick={() => give({ ...grant, place: grant.place.trim() })}
        >
          {t("grant")}
        </Button>
      </div>
    </div>
  );
}
