"""``python -m deploy.local up|down|status``: the local broker, kept running in the background."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.local import LocalKafka, LocalStackError, check_brokers, existing_brokers
from deploy.local.login import MECHANISM, USER
from schemas.texts import said

DEFAULT_FOLDER = Path(".penstock/kafka")


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when done (``status``: when a broker answers), 2 with one clear line when not."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local", description=said("The local Kafka, kept running in the background.")
    )
    parser.add_argument("command", choices=("up", "down", "status"))
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_FOLDER, help=said("the broker's folder (%(default)s)"))
    parser.add_argument("--port", type=int, help=said("its port; default: the last one, else a free one"))
    options = parser.parse_args(arguments)
    kafka = LocalKafka(options.data_dir, options.port, closed=True)
    try:
        print(said(COMMANDS[options.command](kafka)))
    except LocalStackError as error:
        print(said(str(error)), file=sys.stderr)
        return 2
    return 0


def up(kafka: LocalKafka) -> str:
    if existing := existing_brokers():
        check_brokers(existing)
        return f"PENSTOCK_BROKERS names {existing}: it answers, nothing is started"
    if not kafka.is_running:
        kafka.start(detached=True)
    return status(kafka)


def down(kafka: LocalKafka) -> str:
    if not kafka.is_running:
        return f"No broker runs in {kafka.data_dir}"
    kafka.stop()
    return f"Kafka in {kafka.data_dir} is stopped; its data stays"


def status(kafka: LocalKafka) -> str:
    if existing := existing_brokers():
        check_brokers(existing)
        return f"PENSTOCK_BROKERS names {existing}: it answers"
    kafka.check()
    asks = f"; user {USER}, password in {kafka.data_dir / 'password'}, {MECHANISM}" if kafka.client else ""
    return f"Kafka answers at {kafka.bootstrap} (process {kafka.pid}, folder {kafka.data_dir}){asks}"


COMMANDS = {"up": up, "down": down, "status": status}

if __name__ == "__main__":
    sys.exit(main())
