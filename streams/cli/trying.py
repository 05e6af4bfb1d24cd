"""``penstock try``: what the hub would make of an order, from snapshots in files; no broker needed."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer
from typer.core import TyperCommand

from connectors.generator.stock import warehouses as well_known
from schemas.topics import CHANNELS
from streams.cli.common import Refused, print_json
from streams.cli.look import Unmask
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.replay.trial.happening import Happening

#: Where goods lie when nobody says where, and how many pieces when nobody says how many.
_WAREHOUSE, _PROVINCE, _ENOUGH = "HZ1", "浙江", 100_000
#: An --event among the files. No argument of a process can hold this character.
_EVENT = "\0"


class InOrder(TyperCommand):
    """Keeps --event where it stands among the files."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        kept: list[str] = []
        rest = iter(args)
        for arg in rest:
            text = next(rest, None) if arg == "--event" else None
            if text is not None:
                kept.append(_EVENT + text)
            elif arg.startswith("--event="):
                kept.append(_EVENT + arg.removeprefix("--event="))
            else:
                kept.append(arg)
        return super().parse_args(ctx, kept)


class Given(NamedTuple):
    """One thing that is tried: a payload, or what happened."""

    name: str
    what: bytes | Happening
    is_payload: bool


def try_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="The order as its platform shows it, oldest first: payloads, or objects with a list of payloads. - is standard input.",
        ),
    ],
    channel: Annotated[
        str, typer.Option(help=f"Whose payloads they are: {', '.join(CHANNELS)}; told by their fields when left out.")
    ] = "",
    shop: Annotated[str, typer.Option(help="The shop they come from.")] = "shop",
    stock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SKU=UNITS@WAREHOUSE",
            help="Goods on a shelf; may be repeated, units of one shelf add up. When left out: enough of every SKU.",
        ),
    ] = None,
    warehouse: Annotated[
        list[str] | None, typer.Option(metavar="CODE=PROVINCE", help="Where a warehouse stands; may be repeated.")
    ] = None,
    bundle: Annotated[
        list[str] | None,
        typer.Option(metavar="SKU=PART:N,PART:N", help="What combined goods are shipped as; may be repeated."),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JSON",
            help='What happens at this place among the files: {"shipped": {"warehouse": "HZ1", "lines": {"LINE": 1}}}, '
            '{"returned": {"warehouse": "HZ1", "lines": {"LINE or SKU": 1}, "grade": "SELLABLE"}}, '
            '{"decision": {"action": "RELEASE_HOLD", "reason": "..."}} (or HOLD, CANCEL), '
            '{"aftersale": {its payload}}, {"time": "2026-01-20T00:00:00+08:00"}.',
        ),
    ] = None,
    pushed: Annotated[
        bool,
        typer.Option(
            "--pushed", help="They are pushes: of two of one second neither is the newer. When left out: as fetched."
        ),
    ] = False,
    unmask: Unmask = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="For machines: one JSON object a step, nothing masked.")
    ] = False,
) -> None:
    """Show what the hub would make of an order: snapshots of it in files, one after another, through intake, saga and inventory in memory.

    Of units by SKU@WAREHOUSE, reserved is what stands reserved after a step; released, committed and restocked are what the step moved.
    status is the order's by all that is known: HOLD while the hub holds it, whatever its platform calls it. receiver.address has the
    town before it. The clock goes by the snapshots; no broker is asked, and nothing is kept.
    """
    from streams.cli.trying_screen import print_step, print_surroundings
    from streams.replay.trial.course import Trial, named_skus

    given = [each for name in files for each in _given(name)]
    payloads = [each.what for each in given if each.is_payload and isinstance(each.what, bytes)]
    channel = _channel(channel, [each.name for each in given], payloads)
    bundles = [_bundle(text) for text in bundle or ()]
    skus = [*named_skus(channel, payloads), *(part for _, parts in bundles for part in parts)]
    provinces, shelves, said = _surroundings(stock or (), warehouse or (), list(dict.fromkeys(skus)))

    trial = Trial(channel, shop, Settings.from_env(), pushed=pushed)
    for code, province in provinces.items():
        trial.warehouse(code, province)
    for (sku, code), units in shelves.items():
        trial.stock(sku, units, code)
    for sku, parts in bundles:
        trial.bundle(sku, parts)
    if not as_json:
        print_surroundings(channel, shop, said)
    for number, each in enumerate(given):
        step = (
            trial.snapshot(each.what) if each.is_payload and isinstance(each.what, bytes) else trial.happens(each.what)
        )
        if as_json:
            print_json({**step._asdict(), "notes": [*(said if number == 0 else ()), *step.notes]})
        else:
            print_step(step, each.name, unmask)


def _given(name: str) -> Iterator[Given]:
    """What an argument stands for."""
    from streams.replay.trial.happening import NoHappening, parse

    if name.startswith(_EVENT):
        try:
            yield Given("event", parse(name.removeprefix(_EVENT)), False)
        except NoHappening as exc:
            raise Refused(f"--event {_short(name.removeprefix(_EVENT))}: {exc}") from None
        return
    try:
        raw = (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()).removeprefix(BOM_UTF8)
    except OSError as exc:
        raise Refused(f"{name}: cannot be read: {exc.strerror}; give a file with an order's payload, or -") from None
    payloads = _payloads(raw)
    if not payloads:
        raise Refused(f"{name}: its list of payloads is empty; give at least one snapshot of the order")
    for number, payload in enumerate(payloads, start=1):
        yield Given(name if len(payloads) == 1 else f"{name} {number}/{len(payloads)}", payload, True)


class _Case(msgspec.Struct):
    payloads: list[msgspec.Raw]


def _payloads(raw: bytes) -> list[bytes]:
    """Those of an object that lists them, byte for byte; else the whole is one, whatever it is."""
    try:
        return [bytes(each) for each in msgspec.json.decode(raw, type=_Case).payloads]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [raw]


def _channel(channel: str, names: Sequence[str], payloads: Sequence[bytes]) -> str:
    """As said, else as the payloads tell."""
    from streams.replay.trial.course import whose

    if channel and channel not in CHANNELS:
        raise Refused(f"--channel is {channel!r}: give one of {', '.join(CHANNELS)}")
    found = channel or whose(payloads)
    if found is None:
        raise Refused(f"{', '.join(names)}: no platform's order; say whose it is with --channel: {', '.join(CHANNELS)}")
    return found


def _surroundings(
    stock: Sequence[str], warehouses: Sequence[str], skus: Sequence[str]
) -> tuple[dict[str, str], dict[tuple[str, str], int], list[str]]:
    """Warehouses with their provinces, units by SKU and warehouse, and what was assumed."""
    from streams.domain.routing.geography import centre_of

    provinces: dict[str, str] = {}
    for text in warehouses:
        code, _, province = text.partition("=")
        if not code or centre_of(province) is None:
            raise Refused(f"--warehouse is {text!r}: give CODE=PROVINCE, such as HZ1=浙江")
        provinces[code] = province
    shelves: dict[tuple[str, str], int] = {}
    for text in stock:
        sku, units, code = _shelf(text)
        shelves[sku, code] = shelves.get((sku, code), 0) + units
    said = []
    if not shelves and skus:
        codes = list(provinces) or [_WAREHOUSE]
        shelves = {(sku, code): _ENOUGH for sku in skus for code in codes}
        said.append(
            f"stock is assumed: enough of {', '.join(skus)} at {', '.join(codes)}; --stock says how much there is"
        )
    known = {each["warehouse"].casefold(): each["province"] for each in well_known()}
    for _, code in shelves:
        if code not in provinces:
            provinces[code] = known.get(code.casefold(), _PROVINCE)
            said.append(f"warehouse {code} is assumed to stand in {provinces[code]}; --warehouse says where")
    return provinces, shelves, said


def _shelf(text: str) -> tuple[str, int, str]:
    place, _, warehouse = text.rpartition("@")
    sku, _, units = place.rpartition("=")
    if not (sku and warehouse and units.isascii() and units.isdigit() and int(units) < 2**31):
        raise Refused(
            f"--stock is {text!r}: give SKU=UNITS@WAREHOUSE, such as MUG=10@HZ1, with a whole number of units"
        )
    return sku, int(units), warehouse


def _bundle(text: str) -> tuple[str, Mapping[str, int]]:
    sku, _, rest = text.partition("=")
    parts: dict[str, int] = {}
    for each in rest.split(","):
        part, _, units = each.rpartition(":")
        if not (sku and part and units.isascii() and units.isdigit() and 0 < int(units) < 2**31):
            raise Refused(
                f"--bundle is {text!r}: give SKU=PART:N,PART:N, such as SET=MUG:1,PEN:2, with whole numbers above 0"
            )
        parts[part] = parts.get(part, 0) + int(units)
    return sku, parts


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
