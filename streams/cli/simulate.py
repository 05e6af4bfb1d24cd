"""``penstock simulate``: the platforms and logistics providers as local servers, for trying the hub without accounts."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec
import typer

from schemas.private import private_folder
from schemas.table import Table
from streams.cli.common import Refused, out
from streams.settings import Settings

if TYPE_CHECKING:
    from connectors.simulators.faults import Rates


def simulate(
    only: Annotated[
        list[str] | None, typer.Option(help="A platform or provider; may be given several times. Default: all.")
    ] = None,
    gateway: Annotated[str, typer.Option(help="Where pushes go: http://HOST:PORT of penstock gateway.")] = "",
    shops_file: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="Where the shops file is written; one that is there must be an earlier one of this command. Default: "
            "shops.simulated.toml in --data.",
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, help="A folder. Default: that of PENSTOCK_DATA.")
    ] = None,
    faults: Annotated[
        str,
        typer.Option(
            help="Shares of what goes wrong: errors=0.2,resets=0.02,lost_answers=0.05,throttle=0.05,lost_pushes=0.01,"
            "duplicate_pushes=0.02,reorder_pushes=0.02; latency_ms=20 is a mean."
        ),
    ] = "",
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same faults and numbers; keys are new at each start.")
    ] = 1,
    retry_scale: Annotated[
        float, typer.Option(min=0, help="Factor on the platforms' gaps between deliveries of a push.")
    ] = 1.0,
) -> None:
    """Run the platforms and logistics providers as local servers until Ctrl-C; they sign, page, throttle and fail as the real ones do."""
    from connectors.simulators import registry
    from connectors.simulators.run import WRITTEN_HERE, Simulators
    from connectors.simulators.simulator import Options

    known = registry.names()
    for name in only or ():
        if name not in known:
            raise Refused(f"no simulator is called {name!r}: {', '.join(known)} are there")
    if gateway and urlsplit(gateway).scheme not in ("http", "https"):
        raise Refused(f"--gateway is {gateway!r}: give http://HOST:PORT")
    options = Options(seed=seed, gateway=gateway.rstrip("/"), retry_scale=retry_scale)
    if faults:
        options = replace(options, faults=_rates(faults))
    path = shops_file or (data or Settings.from_env().data) / "shops.simulated.toml"
    _check_ours(path, WRITTEN_HERE)

    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        async with Simulators(options, only or ()) as simulators:
            _write(path, simulators.shops_toml)
            out.print(_table(simulators.urls))
            out.print(f"the hub reaches them with PENSTOCK_SHOPS={path}; Ctrl-C stops", soft_wrap=True)
            await stopped.wait()
        out.print("stopped")

    # Orders are many small objects that stay, without cycles: the collector would look at them for nothing, and answers would wait.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    asyncio.run(run())


def _rates(text: str) -> Rates:
    """``errors=0.2,lost_answers=0.05`` as rates."""
    from connectors.simulators.faults import Rates

    try:
        pairs = [part.split("=", 1) for part in text.split(",")]
        return msgspec.convert({name.strip(): float(value) for name, value in pairs}, Rates)
    except (ValueError, msgspec.ValidationError) as exc:
        known = ", ".join(Rates.__struct_fields__)
        raise Refused(f"--faults is {text!r}: {exc}; give name=share,name=share of {known}") from exc


def _check_ours(path: Path, mark: str) -> None:
    """Raises Refused where there is a file that this command has not written: it may hold the keys of real shops."""
    try:
        with path.open("rb") as file:
            ours = file.readline().strip() == mark.encode()
    except FileNotFoundError:
        return
    except OSError as exc:
        raise Refused(f"cannot read {path}: {exc.strerror}") from exc
    if not ours:
        raise Refused(
            f"--shops-file is {path}, which penstock simulate has not written: what is in it would be lost. Name another, or remove it"
        )


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for its owner alone: it holds keys."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        private_folder(path.parent)
        new.touch(mode=0o600)
        new.write_text(text, "utf-8")
        new.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            new.unlink()
        raise Refused(f"cannot write {path}: {exc.strerror}") from exc


def _table(urls: dict[str, str]) -> Table:
    table = Table("simulator", "answers at", "its controls", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, url in urls.items():
        table.add_row(name, url, f"{url}/_sim/counts")
    return table
