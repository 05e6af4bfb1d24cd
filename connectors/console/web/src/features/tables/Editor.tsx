/** A text with its lines numbered; those with a fault are marked, and one that is asked for is gone to. */
import "./editor.css";
import { useEffect, useRef } from "react";

interface Props {
  label: string;
  text: string;
  /** None: only to be read. */
  edit: ((text: string) => void) | undefined;
  wrong: ReadonlySet<number>;
  /** A line to go to; the same again is another object. */
  goTo: { line: number } | undefined;
}

export function Editor({ label, text, edit, wrong, goTo }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split("\n").length;
  useEffect(() => {
    const box = area.current;
    if (!goTo || !box) return;
    const before = box.value
      .split("\n")
      .slice(0, goTo.line - 1)
      .join("\n").length;
    const start = goTo.line > 1 ? before + 1 : 0;
    const end = box.value.indexOf("\n", start);
    box.focus();
    box.setSelectionRange(start, end < 0 ? box.value.length : end);
    box.scrollTop = Math.max(0, (goTo.line - 5) * LINE_PX);
  }, [goTo]);
  return (
    <div className="editor">
      <div className="editor-lines num" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, at) => at + 1).map((line) => (
          <div key={line} className={wrong.has(line) ? "editor-wrong" : undefined}>
            {line}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        aria-label={label}
        value={text}
        readOnly={!edit}
        spellCheck={false}
        wrap="off"
        onChange={(event) => edit?.(event.target.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}

/** As the style sheet has it. */
const LINE_PX = 19;
