/** The payload as it came, byte for byte, once it is asked for: it tells of a person, so asking is put on record. */
import { EyeOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { count } from "../../shared/format/format";
import { dump } from "./dump";
import type { useOriginal } from "./queries";

interface Props {
  original: ReturnType<typeof useOriginal>;
  size: number;
}

export function Bytes({ original, size }: Props) {
  const { t } = useTranslation("reviews");
  return (
    <section>
      <h3>{t("original", { size: count(size) })}</h3>
      {original.data ? (
        <>
          {original.data.how && <p className="muted">{original.data.how}</p>}
          <textarea
            className="bytes"
            aria-label={t("bytes")}
            readOnly
            rows={8}
            wrap="off"
            value={dump(original.data.payload_base64)}
          />
        </>
      ) : (
        <Button
          size="small"
          icon={<EyeOutlined aria-hidden />}
          loading={original.isPending}
          onClick={() => original.mutate()}
          title={t("onRecord")}
        >
          {t("show")}
        </Button>
      )}
      {original.error && <Alert type="error" title={original.error.message} />}
    </section>
  );
}
