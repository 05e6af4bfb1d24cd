"""States of a parcel as Kuaidi100 pushes them, plain and fine, in the hub's words."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
import pytest

from connectors.channels.base import Push
from connectors.channels.kuaidi100 import Kuaidi100Webhook
from connectors.platforms.signing import kuaidi100_push
from connectors.simulators.kuaidi100_parcels import WAY, Parcel, push_param
from schemas.codec import CODEC


@pytest.mark.parametrize("resultv2", ["", "4"])
def test_a_steps_state_is_the_same_in_the_plain_and_in_the_fine_form(resultv2: str) -> None:
    webhook = Kuaidi100Webhook(["salt"], lambda com: com)
    parcel = Parcel("yuantong", "YT0000000000001", "", "salt", resultv2)
    newest = []
    for second, step in enumerate(WAY):
        parcel.steps.append((1_767_232_800_000 + second * 1_000, step))
        param = msgspec.json.encode(push_param(parcel)).decode()
        body = urlencode({"param": param, "sign": kuaidi100_push(param, "salt")}).encode()
        push = Push(path=("pdd:1", "s-1"), headers={}, body=body, received_ms=1_767_232_900_000)
        webhook.verify(push)
        *_, last = webhook.read(push)
        newest.append(CODEC.decode(last.value)[1]["state"])
    assert newest == ["COLLECTED", "IN_TRANSIT", "IN_TRANSIT", "DELIVERING", "SIGNED"]
