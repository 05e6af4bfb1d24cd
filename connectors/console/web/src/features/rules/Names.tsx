/** Several names: those that are known to choose from, and any other as it is typed. */
import { Select } from "antd";

interface Props {
  label: string;
  value: readonly string[];
  change: (names: string[]) => void;
  known?: readonly string[];
  bad?: boolean;
}

export function Names({ label, value, change, known = [], bad = false }: Props) {
  return (
    <Select
      className="rule-names"
      mode="tags"
      size="small"
      aria-label={label}
      placeholder={label}
      value={[...value]}
      onChange={change}
      options={known.map((name) => ({ value: name, label: name }))}
      tokenSeparators={[",", "，", "、", "\n"]}
      status={bad ? "error" : ""}
    />
  );
}
