"""What the tests see of the commands."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from streams.aside import review
from streams.aside.review import Item
from tests.command_line import in_process
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, trade, until


def penstock(shop: Shop, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command line on this shop; nobody is at the keyboard."""
    return in_process(
        args, {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data), **env}
    )


def answer(shop: Shop, *args: str) -> Any:
    """A command's one JSON value."""
    done = penstock(shop, *args, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    """One clear line and exit code 2."""
    assert done.returncode == 2, done
    assert done.stderr.splitlines()[-1].startswith("error: "), done
    for text in says:
        assert text in done.stderr, done


def item_of(shop: Shop, order_id: str, state: str = "open") -> Item:
    """The newest item of an order, once it is in this state."""
    found = until(
        lambda: [item for item in review.items(shop.cluster) if item.key == order_id],
        lambda items: bool(items) and items[-1].state == state,
        f"{order_id} has an item that is {state}",
    )
    return found[-1]


def poisoned(shop: Shop, sku: str = "GOOD", **fields: Any) -> tuple[str, str]:
    """A Taobao order with these fields is sent; returns its number and its id."""
    number = shop.order_no()
    return number, shop.place(number, sku, **fields)


def place_again(shop: Shop, number: str, sku: str = "GOOD", **fields: Any) -> None:
    """The platform sends a snapshot of an order."""
    event = {name: fields.pop(name) for name in ("occurred_at_ms", "received_at_ms") if name in fields}
    shop.send(TAOBAO_EVENTS, f"taobao:{number}", envelope(number, trade(number, sku, **fields), **event))


def allocated_once(shop: Shop, order_id: str) -> None:
    """Waits until it is allocated and nothing is under way; its decision is the only one."""
    shop.becomes(order_id, "ALLOCATED")
    shop.settled()
    assert [name for name, _ in shop.records("allocations", order_id)] == ["OrderAllocated"]
