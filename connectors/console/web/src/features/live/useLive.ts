/** The stream of seconds: open while the page is looked at, and the last five minutes of it kept. */
import { useEffect, useState } from "react";
import type { Schema } from "../../api/client";

/** As `Second` of connectors/console/api/live.py: the description of the interface has no types for what a stream tells. */
export interface Second {
  at: string;
  as_of: string | null;
  channels: { channel: string; last_10_s: number; last_minute: number }[];
  reasons: { code: string; items: number }[];
  review_open: number;
  review_oldest: string | null;
  waiting: { status: string; orders: number; oldest: string }[];
  kpi: { window_s: number; decided: number; allocated: number; mean_s: number | null };
  lag: { name: string; is_sink: boolean; records: number; seconds: number }[] | null;
}

/** Seconds that the chart goes back. */
const KEPT = 300;

export interface Live {
  seconds: readonly Second[];
  /** What keeps the figures from coming, in words; empty when nothing does. */
  trouble: string;
  /** The session or the right has ended. */
  over: boolean;
}

const NOTHING: Live = { seconds: [], trouble: "", over: false };

export function useLive(paused: boolean): Live {
  const [live, setLive] = useState(NOTHING);
  useEffect(() => {
    if (paused) return;
    let source: EventSource | null = null;
    const close = () => {
      source?.close();
      source = null;
    };
    const open = () => {
      source ??= new EventSource("/api/live");
      source.addEventListener("second", ({ data }: MessageEvent<string>) => {
        const second = JSON.parse(data) as Second;
        setLive(({ seconds }) => ({ seconds: [...seconds, second].slice(-KEPT), trouble: "", over: false }));
      });
      source.addEventListener("problem", ({ data }: MessageEvent<string>) => {
        const { message } = JSON.parse(data) as Schema["Said"];
        setLive((before) => ({ ...before, trouble: message }));
      });
      source.addEventListener("end", () => {
        close();
        setLive((before) => ({ ...before, over: true }));
      });
    };
    // A browser opens six connections to a server in all: a window that nobody looks at keeps none of them.
    const looked = () => (document.hidden ? close() : open());
    looked();
    document.addEventListener("visibilitychange", looked);
    return () => {
      document.removeEventListener("visibilitychange", looked);
      close();
    };
  }, [paused]);
  return live;
}
