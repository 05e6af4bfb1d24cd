"""Commands that only look."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.cells import set_cell_size

from schemas.codec import CODEC, CodecError
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.address import in_words as in_words_of
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.diagram import as_mermaid, as_text
from streams.cli.order import stood, way_out
from streams.cli.rules_screen import print_by_rules
from streams.domain.channels.holds import in_words
from streams.domain.reference import digits_of
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.history import Happening, history, standing
from streams.ops.masking import readable, shown_bytes
from streams.ops.moments import local, utc
from streams.topology import TOPOLOGY

Unmask = Annotated[bool, typer.Option("--unmask", help="Show names, phones, addresses and raw payloads.")]


def topology(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a Mermaid flowchart.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Who reads what, with which state, and what comes out."""
    if as_json:
        print_json([stage._asdict() for stage in TOPOLOGY])
    else:
        print(as_mermaid(TOPOLOGY) if mermaid else as_text(TOPOLOGY))


def tail(
    topic: Annotated[str, typer.Argument(help="One of penstock topics list.")],
    last: Annotated[int, typer.Option("-n", min=0, help="So many of each partition's newest records.")] = 10,
    key: Annotated[str | None, typer.Option(help="Only records with this key, such as an order id.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as records arrive.")] = False,
    unmask: Unmask = False,
    as_json: JsonFlag = False,
) -> None:
    """Show records of a topic, decoded."""
    cluster = connected()
    if unmask:
        audit.read(cluster, topic, "tail", by=audit.operator(cluster), key=key or "", last=last, follow=follow)
    for message in cluster.read(topic, key=key, follow=follow, last=last):
        name, record = _decoded(message.value(), unmask)
        raw_key = message.key()
        shown_key = raw_key.decode("utf-8", "backslashreplace") if raw_key is not None else None
        place = {"partition": message.partition(), "offset": message.offset(), "key": shown_key}
        at_ms = message.timestamp()[1]
        if as_json:
            print_json(
                {
                    "topic": topic,
                    **place,
                    "at": utc(at_ms, "milliseconds"),
                    "record": name,
                    "value": record,
                    **_headers(message),
                }
            )
        else:
            out.print(
                styled(
                    "[dim]{}/{}@{}[/] [cyan]{}[/] [bold]{}[/] [green]{}[/]",
                    *(topic, message.partition(), message.offset(), local(at_ms, "milliseconds"), shown_key, name),
                )
            )
            out.print_json(data={"value": record, **_headers(message)}, ensure_ascii=False, default=str)


def order_show(
    order_id: Annotated[
        str, typer.Argument(metavar="ORDER_ID", help="platform:order number, such as taobao:2300000000000000001.")
    ],
    unmask: Unmask = False,
    as_json: JsonFlag = False,
) -> None:
    """Everything that happened to one order, with its decision trace."""
    if ":" not in order_id:
        raise Refused(f"{order_id!r} is no order id: write platform:order number, such as taobao:2300000000000000001")
    cluster = connected()
    found = history(cluster, order_id)
    if not found:
        raise Refused(f"nothing is known of order {order_id}")
    if unmask:
        audit.read(cluster, order_id, "order show", by=audit.operator(cluster))
    if as_json:
        print_json([shown(h, unmask)._asdict() for h in found])
        return
    print_history(order_id, found, unmask)


def verify(
    settled: Annotated[bool, typer.Option("--settled", help="Nothing may still be under way.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Recompute from the topics that the promise holds; exit code 1 when it does not."""
    if not verified(connected(), settled=settled, as_json=as_json):
        sys.exit(1)


def verified(cluster: Cluster, *, settled: bool, as_json: bool = False) -> bool:
    """Runs the independent verifier and prints its report."""
    from streams.verify import verify as run

    settings = cluster.settings
    report = run(
        settings.brokers, group=settings.app_id, settled=settled, properties=settings.kafka, progress=not as_json
    )
    if as_json:
        print_json(report.as_dict())
    else:
        report.print(out)
    return report.ok


def print_history(order_id: str, found: list[Happening], unmask: bool = False) -> None:
    """For people: one line an event, the decision trace below its allocation."""
    start, found = found[0].at_ms, [shown(h, unmask) for h in found]
    out.print(styled("[bold]{}[/]  [dim]since {}[/]", order_id, local(start)))
    for h in found:
        name = set_cell_size(word(h.name), 22)
        told = ((h.at_ms - start) / 1000, name, said(_gist(h)), h.topic, h.partition, h.offset)
        out.print(styled("  [cyan]+{:8.3f} s[/] [green]{}[/] {} [dim]{}/{}@{}[/]", *told), soft_wrap=True)
        if h.record.get("trace"):
            print_trace(h.record["trace"])
        if h.name == "Order":
            for held in in_words(h.record["hold_reason"]):
                out.print(Text(f"{'':15}{said(held)}", "dim"), soft_wrap=True)
            if h.record["platform_receiver"] is not None:
                for whose, it in (("yours", "receiver"), ("its platform's", "platform_receiver")):
                    out.print(Text(f"{'':15}{whose}: {in_words_of(h.record[it])}", "dim"), soft_wrap=True)
    if (stands := standing(found)) is not None:
        its = way_out(stands.phase, stands.reason)
        way = f"; what ends it: {its}" if its else ""
        out.print(styled("  [bold]{}[/]{}", said(stood(stands)), said(way)), soft_wrap=True)
    if unmask:
        for h in found:
            if h.name == "Order":
                out.print_json(data=h.record, ensure_ascii=False, default=str)


def shown(h: Happening, unmask: bool) -> Happening:
    """As a person may see it; what quarantine and unreadable records are told by is the hub's own words."""
    own = h.name in ("Quarantined", "unreadable")
    return h if own else h._replace(record=readable(h.name, h.record, unmask=unmask))


def _gist(h: Happening) -> str:
    r = h.record
    match h.name:
        case "ChannelEvent":
            return f"from {r['channel']}, shop {r['shop']}"
        case "Order":
            units = sum(line["quantity"] for line in r["lines"])
            # Orders of a code that is none are older than the list.
            digits = 2 if (known := digits_of(r["currency"])) is None else known
            total = f"{r['total_minor'] / 10**digits:.{digits}f}"
            return f"{r['status']}, {len(r['lines'])} lines, {units} pieces, {total} {r['currency']}"
        case "ReceiverCorrected" if r["receiver"] is None:
            return f"as its platform shows it, by {r['by']}: {r['reason']}"
        case "ReceiverCorrected":
            return f"{in_words_of(r['receiver'])}, by {r['by']}: {r['reason']}"
        case "Task" if r["answered_by"]:
            return f"{r['task_id']} is {r['state']}, by {r['answered_by']}: {r['because']}"
        case "Task" if r["role"]:
            return f"{r['task_id']} is {r['state']}, asked of {r['role']}"
        case "Task":
            return f"{r['task_id']} is {r['state']}"
        case "Review":
            return "; ".join(f"{word(x['code'])}: {x['field']} {word('is')} {x['value']}" for x in r["reasons"])
        case "Duplicate":
            of = f"{r['kind']} of {r['first_source']['topic']}/{r['first_source']['partition']}@{r['first_source']['offset']}"
            return f"{of}; read again from its platform" if r["read_again"] else of
        case "Quarantined":
            return f"{r['topic']}/{r['partition']}@{r['offset']}: {r['error']}"
        case "Reserved":
            return f"{r['quantity']} x {r['sku']} at {r['warehouse']}"
        case "ReservationRejected":
            return f"{r['quantity']} x {r['sku']} at {r['warehouse']}: {r['shortfall']} short"
        case "ReservationResolved":
            return f"{r['answer']}: {r['quantity']} x {r['sku']} at {r['warehouse']}"
        case "FreezeAnswered":
            return f"{r['answer']}: {_of_pool(r['told'])}"
        case "PoolServed":
            return f"{r['quantity']} x {r['sku']} " + (f"at {r['warehouse']}" if r["warehouse"] else f"of {r['pool']}")
        case "StockArrived":
            return f"{r['quantity']} x {r['sku']}"
        case "OrderAllocated":
            return ", ".join(f"{p['quantity']} x {p['sku']} from {p['warehouse']}{_sent(p)}" for p in r["parts"])
        case "MergeAnswer" if r["kind"] == "JOINED":
            return f"waits until {local(r['until_ms'])} at the longest for others of its receiver; so far: {', '.join(r['orders'])}"
        case "MergeAnswer" if r["kind"] == "GO":
            return f"leaves as one parcel, {r['code']}: {', '.join(r['orders'])}"
        case "MergeAnswer":
            return f"{word(r['kind'])}: {', '.join(r['orders'])}".removesuffix(": ")
        case "OrderBackordered":
            return f"{r['reason']}: " + ", ".join(f"{m['shortfall']} x {m['sku']} missing" for m in r["missing"])
        case "OrderStatusChanged":
            return f"{r['status']}: {r['reason']}"
        case "Shipped":
            return f"from {r['warehouse']} by {r['carrier'] or 'the carrier that rules chose'}{_listed(r['lines'])}"
        case "ReturnReceived":
            return f"{r['return_id']} at {r['warehouse']}{_listed(r['lines'])}"
        case "AfterSale":
            return f"{r['aftersale_id']}: {r['kind']} {r['state']}{_listed(r['lines'])}"
        case "WritebackRequest":
            return f"{r['request_id']}: {r['carrier']} {r['tracking_no'] or 'without a number'}, attempt {r['attempt']}"
        case "WritebackResult":
            return " ".join(filter(None, (r["request_id"], word(r["outcome"]), r["code"], said(r["reason"]))))
        case "WritebackChanged":
            return f"{r['shipment_id']} {word(r['phase'])}: {said(r['reason'])}".removesuffix(": ")
        case "WritebackCommand":
            return f"{r['action']} {r['shipment_id']} by {r['by']}: {r['reason']}"
        case "LogisticsTrace":
            return f"{r['shipment_id']} {r['state']}"
        case _:
            return str(r.get("reason", r.get("error", "")))


def _sent(part: Mapping[str, Any]) -> str:
    """Who takes it, and cash on delivery in minor units: the record names no currency."""
    carrier = "" if part["carrier"] is None else f" by {part['carrier']}"
    return carrier + ("" if part["collect_minor"] is None else f" (collects {part['collect_minor']})")


def _of_pool(told: Mapping[str, Any]) -> str:
    """What was asked of a pool, and its figures in that moment."""
    if not told["pool"]:
        return f"{told['quantity']} x {told['sku']}"
    quotas = f" ({told['quotas']})" if told["quotas"] else ""
    ahead = f", {told['ahead']} waited before it" if told["ahead"] else ""
    return f"{told['quantity']} x {told['sku']} of {told['pool']}, {told['sold']} of {told['cap']} sold{quotas}{ahead}"


def _listed(lines: list[dict[str, Any]]) -> str:
    units = [" ".join(filter(None, (f"{line['quantity']} x {line['sku']}", line.get("grade")))) for line in lines]
    return f": {', '.join(units)}" if units else ""


def print_trace(trace: dict[str, Any]) -> None:
    """How a decision came about, round by round."""
    for attempt in trace["rounds"]:
        for told in attempt["pools"]:
            out.print(f"{'':15}{word('pool')}: {told['answer']}: {said(_of_pool(told))}", soft_wrap=True)
        if attempt["pools"] and not attempt["considered"]:
            continue
        table = Table(
            f"round {attempt['round']}: warehouse",
            "covers",
            "km",
            "open units",
            "chosen",
            "why",
            box=None,
            padding=(0, 2),
        )
        for c in attempt["considered"]:
            distance = "-" if c["distance_km"] is None else f"{c['distance_km']:,.0f}"
            chosen = Text(word("yes"), "green") if c["chosen"] else Text(word("no"))
            table.add_row(c["warehouse"], str(c["covers"]), distance, f"{c['open_units']:,}", chosen, said(c["reason"]))
        if attempt["considered"]:
            out.print(table)
        if attempt["by_rules"] is not None:
            print_by_rules(attempt["by_rules"])


def _decoded(raw: bytes | None, unmask: bool) -> tuple[str, Any]:
    if raw is None:
        return "tombstone", None
    try:
        name, record = CODEC.decode(raw)
    except CodecError as exc:
        return "undecodable", {"error": str(exc), "bytes": shown_bytes(raw, unmask=unmask)}
    return name, readable(name, record, unmask=unmask)


def _headers(message: Any) -> dict[str, Any]:
    headers = message.headers()
    return {"headers": {k: v.decode("utf-8", "replace") for k, v in headers if v is not None}} if headers else {}
