"""Kuaidi100's pushes of traces: a form whose ``param`` is JSON, signed with MD5 over it and the salt of the subscription.

Source: the provider's push reference. It waits 20 s; a failed callback comes again after 30 minutes, three times, and is then dropped: so
while Kafka is away a push is kept on disk and accepted. Pushes are not dated and each tells the whole way anew; a step told again
has the same ``trace_id``, so that a replayed push says nothing new.
"""

from __future__ import annotations

import hashlib
import re
from binascii import a2b_qp
from collections.abc import Callable, Sequence
from typing import Any

from connectors.channels.base import Answer, BadSignature, Malformed, Outgoing, Push, Webhook
from connectors.channels.payload import object_of, time_ms
from connectors.platforms.signing import kuaidi100_push, parcel_salt, same
from schemas.codec import CODEC
from schemas.json_text import compact
from schemas.records import LogisticsTrace

TRACES = "logistics.traces"

#: The provider's codes of a parcel's state; of the finer ones that are not here (three digits) the first digit decides.
_STATES = {
    **{"0": "IN_TRANSIT", "1": "COLLECTED", "2": "PROBLEM", "3": "SIGNED", "4": "RETURN_SIGNED", "5": "DELIVERING"},
    **{"6": "RETURNING", "7": "REROUTED", "8": "CUSTOMS", "10": "CUSTOMS", "11": "CUSTOMS", "12": "CUSTOMS"},
    **{"13": "CUSTOMS", "14": "REFUSED"},
    # 101 ordered and 102 awaiting pick-up are before 103 collected; 401 is a cancelled order, not a returned parcel.
    **{"101": "ORDERED", "102": "ORDERED", "103": "COLLECTED", "401": "CANCELLED"},
    # At its destination's city, on a trunk line, forwarded.
    **{"1001": "IN_TRANSIT", "1002": "IN_TRANSIT", "1003": "IN_TRANSIT"},
}
#: The same states as words, which a step carries. The provider's reference shows 在途; the others are the names of its states.
_WORDS = {
    **{"在途": "IN_TRANSIT", "揽收": "COLLECTED", "疑难": "PROBLEM", "签收": "SIGNED", "退签": "RETURN_SIGNED"},
    **{"派件": "DELIVERING", "退回": "RETURNING", "转投": "REROUTED", "清关": "CUSTOMS", "拒签": "REFUSED"},
}
_FIELDS_MAX = 50
_ORDER_ID = re.compile(r"[a-z]{2,20}:[\w-]{1,64}", re.ASCII)
_SHIPMENT_ID = re.compile(r"[\w.:@#-]{1,128}", re.ASCII)


class Kuaidi100Webhook(Webhook):
    """All accounts': each salt is tried. ``carrier_of``: the provider's carrier code -> ours."""

    content_types = ("application/x-www-form-urlencoded",)
    answer_within_s = 10.0
    spools = True

    def __init__(self, salts: Sequence[str], carrier_of: Callable[[str], str]) -> None:
        self._salts = salts
        self._carrier_of = carrier_of

    @staticmethod
    def takes(path: tuple[str, ...]) -> bool:
        """Whether a path is an order id and a shipment id."""
        return len(path) == 2 and bool(_ORDER_ID.fullmatch(path[0]) and _SHIPMENT_ID.fullmatch(path[1]))

    def verify(self, push: Push) -> None:
        form = _form(push.body)
        param, sign = form.get("param", ""), form.get("sign", "")
        # Its own salt for each parcel: a push that is good for one says nothing about another.
        salts = [parcel_salt(salt, *push.path) for salt in self._salts]
        good = [same(kuaidi100_push(param, salt), sign, ignore_case=True) for salt in salts]
        if not any(good):
            raise BadSignature("sign is not the parameter's")

    def read(self, push: Push) -> Sequence[Outgoing]:
        param = object_of(_form(push.body).get("param", ""))
        result = param.get("lastResult")
        if not isinstance(result, dict):
            raise Malformed("lastResult is no JSON object")
        steps = result.get("data") or []
        number, company = result.get("nu"), result.get("com")
        if not isinstance(steps, list) or not isinstance(number, str) or not isinstance(company, str):
            raise Malformed("data is no list, or nu or com is no text")
        order_id, shipment_id = push.path
        # Newest first; they happened the other way round. The last word on the parcel is the newest step's alone.
        states = [str(result.get("state", "0")), *("0" for _ in steps[1:])]
        found = []
        for step, state in reversed(list(zip(steps, states, strict=False))):
            told = _step(step, state)
            trace: LogisticsTrace = {
                "trace_id": _trace_id(number, *told[1:]),
                "order_id": order_id,
                "shipment_id": shipment_id,
                "carrier": self._carrier_of(company),
                "tracking_no": number,
                "state": told[0],
                "text": told[2],
                "occurred_at_ms": told[1],
                "provider": "kuaidi100",
                "received_at_ms": push.received_ms,
            }
            found.append(Outgoing(TRACES, order_id, CODEC.encode("LogisticsTrace", trace)))
        return found

    def answer(self, status: int, reason: str) -> Answer:
        code = "200" if status == 200 else "500"
        told = {"result": status == 200, "returnCode": code, "message": "成功" if status == 200 else reason}
        return Answer(status, compact(told))


def _form(body: bytes) -> dict[str, str]:
    """The fields. Raises BadSignature: what is no form has no signature either."""
    fields = body.split(b"&", _FIELDS_MAX)
    if len(fields) > _FIELDS_MAX:
        raise BadSignature("no form")
    try:
        pairs = [field.split(b"=", 1) for field in reversed(fields)]
        # The first of a name counts.
        return {_decoded(name): _decoded(value) for name, value in pairs}
    except ValueError:
        raise BadSignature("no form") from None


def _decoded(text: bytes) -> str:
    """A form's %XX and +, in a few milliseconds a megabyte: the standard library's reader takes half a second, before any signature.

    Quoted-printable is the same with another sign. Raises ValueError.
    """
    if b"\n" in text or b"\r" in text:
        raise ValueError
    return a2b_qp(text.replace(b"=", b"=3D").replace(b"+", b" ").replace(b"%", b"=")).decode()


def _step(step: Any, state: str) -> tuple[str, int, str]:
    """(state, when, the provider's words). Raises Malformed."""
    if not isinstance(step, dict) or not isinstance(step.get("context"), str):
        raise Malformed("a step is no JSON object with a context")
    at_ms = time_ms(step.get("time")) or time_ms(step.get("ftime"))
    if at_ms is None:
        raise Malformed("a step's time is none")
    # A step's own code (advanced pushes), its own word, and only then the whole parcel's: that changes, and the step does not.
    own = _state(str(step["statusCode"])) if step.get("statusCode") else _WORDS.get(str(step.get("status", "")))
    return own or _state(state), at_ms, step["context"]


def _state(code: str) -> str:
    return _STATES.get(code) or (_STATES.get(code[:1], "IN_TRANSIT") if len(code) == 3 else "IN_TRANSIT")


def _trace_id(number: str, at_ms: int, text: str) -> str:
    """By what the step says, so that it is the same whenever it is told."""
    return hashlib.sha256(f"{number}\n{at_ms}\n{text}".encode()).hexdigest()[:32]
