"""Parcels that Kuaidi100 follows: their way, and how it is told.

A way is told whole each time, the newest step first. The advanced form (``resultv2`` 4 or 6) has finer states and their codes with each
step. What takes a real parcel days passes here in seconds: a step every ``step_s``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.simulators.clock import local

ADVANCED = frozenset(("4", "6"))


class Step(NamedTuple):
    """One step of a way: its text, the state's code and name, plain and advanced."""

    context: str
    state: str
    name: str
    fine_state: str
    fine_name: str


#: An ordinary parcel's way.
WAY = (
    Step("快件已揽收", "1", "揽收", "103", "揽收"),
    Step("快件离开始发分拨中心", "0", "在途", "1002", "干线"),
    Step("快件到达目的城市", "0", "在途", "1001", "到达派件城市"),
    Step("快件正在派送途中", "5", "派件", "5", "派件"),
    Step("快件已由本人签收", "3", "签收", "301", "本人签收"),
)
SIGNED = "3"


@dataclass(slots=True)
class Parcel:
    """One that is followed for a subscriber. ``steps``: (when in ms, step), the oldest first."""

    company: str
    number: str
    callback: str
    #: None: pushes are not signed. Empty: they are, with nothing behind the parameter.
    salt: str | None = field(repr=False)
    resultv2: str
    steps: list[tuple[int, Step]] = field(default_factory=list)

    @property
    def signed(self) -> bool:
        """Whether it has arrived."""
        return bool(self.steps) and self.steps[-1][1].state == SIGNED


def told(company: str, number: str, steps: list[tuple[int, Step]], resultv2: str) -> dict[str, Any]:
    """``lastResult`` of a push, and the answer to a query."""
    fine = resultv2 in ADVANCED
    newest = steps[-1][1]
    return {
        "message": "ok",
        "state": newest.fine_state if fine else newest.state,
        "status": "200",
        "condition": "00",
        "ischeck": str(int(newest.state == SIGNED)),
        "com": company,
        "nu": number,
        "data": [_item(at_ms, step, fine) for at_ms, step in reversed(steps)],
    }


def push_param(parcel: Parcel) -> dict[str, Any]:
    """``param`` of a push: the way so far."""
    return {
        "status": "shutdown" if parcel.signed else "polling",
        "billstatus": "check" if parcel.signed else "got",
        "message": "",
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": told(parcel.company, parcel.number, parcel.steps, parcel.resultv2),
    }


def _item(at_ms: int, step: Step, fine: bool) -> dict[str, str]:
    item = {"context": step.context, "time": local(at_ms), "ftime": local(at_ms)}
    if fine:
        return {**item, "status": step.fine_name, "statusCode": step.fine_state}
    return {**item, "status": step.name}
