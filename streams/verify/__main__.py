"""``python -m streams.verify --brokers host:port``.

Exit code 0: all holds; 1: something does not; 2: the topics could not be read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from schemas.codec import Codec
from schemas.terminal import Terminal
from schemas.texts import said
from streams.verify.reader import VerifyError, verify


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m streams.verify", description=said("Recompute that the promise holds.")
    )
    parser.add_argument(
        "--brokers", default=os.environ.get("PENSTOCK_BROKERS"), help="host:port,... (PENSTOCK_BROKERS)"
    )
    parser.add_argument("--group", default="penstock", help=said("the workers' consumer group (%(default)s)"))
    parser.add_argument(
        "--registry", default=os.environ.get("PENSTOCK_REGISTRY"), help=said("URL of a schema registry")
    )
    parser.add_argument("--settled", action="store_true", help=said("nothing may still be under way"))
    parser.add_argument("--json", action="store_true", help=said("print the report as JSON"))
    options = parser.parse_args(arguments)
    if not options.brokers:
        print(said("name a broker: --brokers host:port, or PENSTOCK_BROKERS"), file=sys.stderr)
        return 2
    try:
        report = verify(
            options.brokers,
            group=options.group,
            settled=options.settled,
            progress=not options.json,
            codec=Codec(options.registry or None),
        )
    except VerifyError as error:
        print(said(str(error)), file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        report.print(Terminal())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
