"""GoRules' engine on the orders of ``rules_orders``: ``zen_rules COUNT BATCHES`` prints microseconds an order, and what it chooses."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import zen

from tests.bench.rules_orders import graph, orders


def main() -> None:
    count, batches = int(sys.argv[1]), int(sys.argv[2])
    given = orders(count)
    # Compiled once: with a loader of our own it would be read again for every order.
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph()}}})

    def each(options: dict[str, Any]) -> float:
        best = float("inf")
        for _ in range(batches):
            began = time.process_time()
            for order in given:
                engine.evaluate("rules", order, options)
            best = min(best, time.process_time() - began)
        return best / count * 1e6

    chosen = []
    for order in given:
        found = engine.evaluate("rules", order)["result"]
        scores = [int(score) for score in found["e7"]]
        chosen.append([found["e0"][scores.index(max(scores))]["code"], max(scores)])
    print(json.dumps({"us": each({}), "traced_us": each({"trace": True}), "chosen": chosen}))


if __name__ == "__main__":
    main()
