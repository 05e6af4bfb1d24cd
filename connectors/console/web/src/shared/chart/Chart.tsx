/** A drawing whose tools come when it is first seen, so that no page waits for them; its place is kept meanwhile. */
import { lazy, Suspense } from "react";
import type { Props } from "./Drawn";

const Drawn = lazy(() => import("./Drawn"));

export function Chart({ height = 240, ...props }: Omit<Props, "height"> & { height?: number }) {
  return (
    <Suspense fallback={<div style={{ height }} />}>
      <Drawn height={height} {...props} />
    </Suspense>
  );
}
