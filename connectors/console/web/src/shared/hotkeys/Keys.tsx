/** A shortcut as keys. */
import "./keys.css";
import { labels, type Shortcut } from "./keys";

export function Keys({ of }: { of: Shortcut }) {
  return (
    <span className="keys" aria-hidden="true">
      {labels(of).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
