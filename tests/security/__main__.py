"""``make attack``: a real broker, simulated platforms and the gateway, and attacks on them; exit code 1 when one works."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.local import LocalKafka
from tests.connectors.channels.edge import Edge, Loop, make
from tests.security import refuses_tls, silence

_SECONDS = 45.0


def _silence(edge: Edge) -> list[str]:
    outcome = silence.silence(edge, silence.CROWD, _SECONDS)
    print(silence.table(outcome))
    # Long enough for each kind to have met its own limit.
    met = {"silent": "408", "half": "408", "slow": "408", "large": "503", "oversized": "431"}
    unmet = [f"no {kind} client was answered {what}" for kind, what in met.items() if not outcome.crowd[kind].get(what)]
    return [*outcome.wrong, *unmet]


#: Each returns what was not as it should be.
ATTACKS: dict[str, Callable[[Edge], list[str]]] = {"silence": _silence, "refuses-tls": lambda _: refuses_tls.attack()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=ATTACKS, help="one of them")
    only = parser.parse_args().only
    loop, wrong = Loop(), list[str]()
    with tempfile.TemporaryDirectory(prefix="penstock-attack-") as folder, LocalKafka(Path(folder) / "kafka") as kafka:
        edge = make(kafka, Path(folder), loop)
        try:
            edge.gateway.start()
            for name, attack in ATTACKS.items():
                if only in (None, name):
                    print(f"-- {name}")
                    wrong += [f"{name}: {line}" for line in attack(edge)]
        finally:
            code = edge.gateway.stop()
            edge.log.close()
            loop.run(edge.simulators.__aexit__(None, None, None))
            loop.close()
        if code:
            wrong.append(f"the gateway ended with code {code}: {edge.gateway.log.read_text()[-3000:]}")
    for line in wrong[:50]:
        print(line)
    print(f"{len(wrong)} are not as they should be" if wrong else "none of them worked")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
