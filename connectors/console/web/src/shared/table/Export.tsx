/** The list as a file, as it is filtered: fetched, so that what the server refuses is said here and not saved. */
import { DownloadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";

interface Props {
  /** Of the file, without its ending. */
  name: string;
  fetch: () => Promise<Blob>;
}

export function Export({ name, fetch }: Props) {
  const { t } = useTranslation();
  const { can } = useSession();
  const { message } = App.useApp();
  const file = useMutation({
    mutationFn: fetch,
    onSuccess: (blob) => save(blob, `${name}-${new Date().toISOString().slice(0, 10)}.csv`),
    onError: (error) => void message.error(error.message),
  });
  if (!can("lists.export")) return null;
  return (
    <Button
      icon={<DownloadOutlined aria-hidden />}
      aria-label={t("table.export")}
      title={t("table.exportHint")}
      loading={file.isPending}
      onClick={() => file.mutate()}
    />
  );
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
