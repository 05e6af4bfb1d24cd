"""What the hub knows survives a restart, belongs to one cluster and one process, and is bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.channels.reconcile.known import InUse, Known, KnownOrders, Learnt, Pending


def taught(path: Path) -> KnownOrders:
    known = KnownOrders(path)
    known.belongs_to("one")
    known.learn(
        Learnt(
            orders=[("jd:1", 1_000, "PAID")],
            phases=[("jd:1", "ALLOCATED", 1_000)],
            reviews=[("jd:2", 500)],
            pending=[Pending("jd:1", "PAYMENT", "", "jd-pop", 50, 0)],
            positions=[("orders", 0, 17)],
        )
    )
    return known


def test_a_restart_goes_on_with_what_was_known(tmp_path: Path) -> None:
    taught(tmp_path / "f").close()
    again = KnownOrders(tmp_path / "f")
    again.belongs_to("one")
    assert again.get("jd:1") == Known(1_000, "PAID", "ALLOCATED", 0)
    assert again.get("jd:2") == Known(0, "", "", 500)
    assert again.get("jd:3") is None
    assert again.positions() == {("orders", 0): 17}
    assert again.waiting() == 1
    again.close()


def test_another_cluster_is_another_hub(tmp_path: Path) -> None:
    known = taught(tmp_path / "f")
    known.belongs_to("another")
    assert (known.get("jd:1"), known.positions(), known.waiting()) == (None, {}, 0)
    known.close()


def test_two_processes_do_not_share_the_file(tmp_path: Path) -> None:
    known = taught(tmp_path / "f")
    with pytest.raises(InUse, match="another penstock reconcile"):
        KnownOrders(tmp_path / "f")
    known.close()


def test_orders_older_than_any_pull_are_forgotten(tmp_path: Path) -> None:
    known = taught(tmp_path / "f")
    known.learn(Learnt(orders=[("jd:9", 90_000, "PAID")]))
    known.forget(50_000)
    assert known.get("jd:1") is None and known.get("jd:2") is None
    assert known.get("jd:9") is not None
    known.close()


def test_confirmations_fall_due_in_order_and_are_tried_again_later(tmp_path: Path) -> None:
    known = taught(tmp_path / "f")
    early = Pending("jd:0", "SHIPMENT", "SF1", "jd-pop", 10, 0)
    known.learn(Learnt(pending=[early, early]))
    assert [it.order_id for it in known.due(60, 10)] == ["jd:0", "jd:1"]
    assert [it.order_id for it in known.due(20, 10)] == ["jd:0"]
    known.settle(done=[], later=[early._replace(due_ms=100, tries=1)])
    assert [it.order_id for it in known.due(60, 10)] == ["jd:1"]
    known.settle(done=known.due(60, 10), later=[])
    assert known.waiting() == 1
    known.close()


def test_known_content_that_is_dated_anew_moves_the_version_on(tmp_path: Path) -> None:
    known = taught(tmp_path / "f")
    # Whichever topic is read first; an order in review alone gets no version by it.
    known.learn(Learnt(repeats=[("jd:1", 3_000), ("jd:1", 2_000), ("jd:2", 3_000), ("jd:9", 4_000)]))
    assert known.get("jd:1") == Known(3_000, "PAID", "ALLOCATED", 0)
    assert known.get("jd:2") == Known(0, "", "", 500)
    assert known.get("jd:9") is None
    known.learn(Learnt(orders=[("jd:9", 1_000, "PAID"), ("jd:1", 5_000, "SHIPPED")]))
    assert known.get("jd:9") == Known(4_000, "PAID", "", 0)
    assert known.get("jd:1") == Known(5_000, "SHIPPED", "ALLOCATED", 0)
    known.close()
