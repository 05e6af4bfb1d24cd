/** Who may use the console, and for what: users with their roles by department and shop, and the departments. */
import "./access.css";
import { PlusOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useTable } from "../../shared/table/useTable";
import { Departments } from "./Departments";
import { useEverybody } from "./queries";
import { NEW, Users } from "./Users";

const NO_FILTERS = [] as const;

export default function AccessPage() {
  const { t } = useTranslation("access");
  const everybody = useEverybody();
  const { search, set, put } = useTable("access", NO_FILTERS);
  const departments = search.view === "departments";
  return (
    <>
      <header className="page-head">
        <h1>{t("title")}</h1>
        <Segmented
          aria-label={t("title")}
          value={departments ? "departments" : "users"}
          onChange={(view) =>
            set({ view: view === "users" ? undefined : view, item: undefined, role: undefined, q: undefined })
          }
          options={[
            { value: "users", label: t("users") },
            { value: "departments", label: t("departments") },
          ]}
        />
        <Button icon={<PlusOutlined aria-hidden />} onClick={() => put({ item: NEW })}>
          {departments ? t("addDepartment") : t("addUser")}
        </Button>
      </header>
      {departments ? <Departments everybody={everybody} /> : <Users everybody={everybody} />}
    </>
  );
}
