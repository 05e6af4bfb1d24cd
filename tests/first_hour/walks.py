"""What three of the new users type and read, once ``up --with-simulators`` runs: the README's lines, and what each of them says.

A shell may know another order, and other goods, by the README's names.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.chinese import english
from tests.first_hour.typed import Shell, block

#: What the README's order at JD and its goods are called there.
ORDER_NO, SKU = "300000424242", "TS-RED"

START, WAREHOUSE, STOCK, PLACE, ORDERS, SHIP, WRITTEN, ASKED, SHOWN = block("penstock up --with-simulators")


def from_an_order_to_its_number(shell: Shell) -> None:
    """A newcomer's: a parcel is told, and its platform has the number."""
    shell.type(WAREHOUSE)
    assert shell.here(SKU) in shell.type(STOCK)
    assert shell.here(ORDER_NO) in shell.type(PLACE)
    _is(shell, ORDERS, "ALLOCATED")
    assert "applied" in shell.type(SHIP)
    shell.until(WRITTEN, "WRITTEN")
    at_jd = json.loads(shell.type(ASKED))
    assert [parcel["tracking_no"] for parcel in at_jd["shipments"]] == ["SF1234567890123"]
    assert at_jd["ship_effects"] == 1
    assert "SHIPPED" in shell.type(SHOWN)


def until_an_order_waits_for_a_person(shell: Shell) -> None:
    """An SRE's, before the kills: nobody has heard of its SKU, so it is in review with its reason. Then the goods are there."""
    shell.type(WAREHOUSE)
    shell.type(PLACE)
    assert shell.here(ORDER_NO) in shell.until(_for_sres("penstock review list"), "unknown_sku")
    shell.type(STOCK)


def from_review_to_a_proof(shell: Shell, folder: Path) -> None:
    """An SRE's, after the kills: it goes on, its log is read again, and topics, what the workers keep and what the log says are one."""
    answered = shell.type(f"echo y | {_for_sres('penstock review resubmit')}")
    assert shell.here(ORDER_NO) in answered or "1" in answered
    _is(shell, ORDERS, "ALLOCATED")
    assert "unknown_sku" not in shell.type(_for_sres("penstock review list"))

    into = folder / "status.jsonl"
    shell.type(f"echo y | {_for_sres('penstock replay order.status').replace('status.jsonl', str(into))}")
    told = [json.loads(line)["value"] for line in into.read_text().splitlines()]
    assert "ALLOCATED" in {each["status"] for each in told if each["order_id"] == shell.here(f"jd:{ORDER_NO}")}

    assert "0 violations" in shell.type(_for_sres("penstock verify"))
    shell.type(_for_sres("penstock state check"))
    shell.type(_for_sres("penstock rebuild --shadow"))
    assert "intake" in shell.type(".venv/bin/penstock status --once")


def from_review_to_release_in_chinese(shell: Shell) -> None:
    """An operator's: an order in review is put right, one is held and let go, by what the screen says."""
    lang, place, reviews, review, stock, resubmit, orders, hold, show, release, status = block(
        "export PENSTOCK_LANG=zh"
    )
    name, _, value = lang.removeprefix("export ").partition("=")
    shell.environment[name] = value
    assert shell.type(WAREHOUSE) == "已设置仓库 HZ1\n"
    shell.type(place)

    # Why it is in review, and what to do.
    read = [shell.until(reviews, "没有此 SKU unknown_sku 1"), shell.type(review)]
    assert "待处理" in read[0] and shell.here(SKU) in read[1]
    assert "请为它收货入库，或更正商品链接的商家编码；再重发该事件" in read[1]
    read += [shell.type(stock), shell.type(resubmit)]
    assert "已生效" in read[2] and "已发送 1 个；接单正在处理" in read[3]

    # Held, read, and let go.
    read += [_is(shell, orders, "已分仓"), shell.type(hold)]
    assert "已生效：挂起：人工挂起" in read[5]
    read += [shell.type(show), shell.type(release)]
    assert "penstock order release 放行" in read[6] and "等买家回话" in read[6]
    assert "已生效：预占中：挂起已释放：买家同意" in read[7]
    read += [_is(shell, orders, "已分仓"), shell.type(status)]
    assert "所有主机都与 Kafka 节点一致" in read[9]
    assert not [line for said in read for line in english(said)]


def _is(shell: Shell, orders: str, state: str) -> str:
    """Lists orders until the README's is in this state."""

    def stands(said: str) -> bool:
        return any(state in line for line in said.splitlines() if shell.here(ORDER_NO) in line)

    return shell.until_it(orders, stands, f"{shell.here(ORDER_NO)} is {state}")


def _for_sres(holding: str) -> str:
    """The line of the README's blocks for SREs that begins so, as it is typed in a checkout."""
    blocks = [
        *block("penstock replay --resume"),
        *block("penstock quarantine redrive --error"),
        *block("penstock verify"),
    ]
    (line,) = [line for line in blocks if line.removeprefix(".venv/bin/").startswith(holding)]
    return f".venv/bin/{line.removeprefix('.venv/bin/')}"
