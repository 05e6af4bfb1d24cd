"""What each platform is told of a request, and what is refused before it is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.logistics.carriers import packaged
from connectors.logistics.templates import TEMPLATES, Ready, Wrong, parcel_of
from schemas.topics import CHANNELS
from tests.connectors.logistics.make import request

CARRIERS = packaged()


@pytest.mark.parametrize(
    ("channel", "carrier"),
    [("taobao", "YTO"), ("jd", "463"), ("pdd", "85"), ("douyin", "yuantong"), ("shopify", "YTO Express")],
)
def test_the_carrier_is_called_what_the_platform_calls_it(channel: str, carrier: str) -> None:
    ready = parcel_of(request(channel=channel, carrier="圆通", tracking_no=" yt0000000000001"), CARRIERS)
    assert isinstance(ready, Ready)
    assert (ready.parcel.carrier, ready.parcel.tracking_no) == (carrier, "YT0000000000001")
    assert ready.parcel.order_no == "2300000000000000001"


def test_shopify_is_told_where_the_parcel_is_followed_when_it_does_not_know() -> None:
    def url(**changes: Any) -> str:
        ready = parcel_of(request(tracking_no=" yt0000000000001", **changes), CARRIERS)
        assert isinstance(ready, Ready)
        return ready.parcel.tracking_url

    assert url(channel="shopify", carrier="圆通") == "https://www.kuaidi100.com/chaxun?com=yuantong&nu=YT0000000000001"
    # The others follow parcels themselves, and so does Shopify those of the carriers it knows.
    assert url(channel="taobao", carrier="圆通") == ""
    assert url(channel="shopify", carrier="顺丰") == ""


PART = {"whole_order": False, "parcel_no": 2}


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        ({"carrier": ""}, "CARRIER_WRONG", "carrier is empty"),
        ({"carrier": "NONE"}, "CARRIER_WRONG", "carrier 'NONE' is not known"),
        (
            {"carrier": "JT", "channel": "jd"},
            "CARRIER_WRONG",
            "carrier JT has no jd logiCoprId (jd): penstock carriers update",
        ),
        ({"carrier": "JD", "channel": "pdd"}, "CARRIER_WRONG", "carrier JD has no pdd logistics_id (pdd_id)"),
        ({"carrier": "DBL", "channel": "douyin"}, "CARRIER_WRONG", "carrier DBL has no douyin company_code"),
        ({"tracking_no": ""}, "NUMBER_WRONG", "tracking_no is empty"),
        ({"tracking_no": "SF单"}, "NUMBER_WRONG", "tracking_no has '单'"),
        ({"tracking_no": "SF1", "carrier": "YTO"}, "NUMBER_WRONG", "those of YTO have 10 to 18"),
        ({"order_no": ""}, "REQUEST_WRONG", "order_no is empty: taobao.logistics.offline.send needs it"),
        ({"lines": [], **PART}, "REQUEST_WRONG", "lines is empty"),
        ({"lines": [{"line_no": "", "sku": "A", "quantity": 1}], **PART}, "REQUEST_WRONG", "lines[0].line_no is empty"),
        ({"lines": [{"line_no": "1", "sku": "A", "quantity": 0}]}, "REQUEST_WRONG", "lines[0].quantity is 0"),
    ],
)
def test_what_is_missing_is_told_with_its_field_and_the_fix(changes: dict[str, Any], outcome: str, says: str) -> None:
    wrong = parcel_of(request(**changes), CARRIERS)
    assert isinstance(wrong, Wrong)
    assert wrong.outcome == outcome
    assert says in wrong.reason


@pytest.mark.parametrize("channel", ["jd", "pdd"])
def test_platforms_without_lines_in_parcels_need_none(channel: str) -> None:
    assert isinstance(parcel_of(request(channel=channel, lines=[], **PART), CARRIERS), Ready)


def test_there_is_a_template_for_every_channel() -> None:
    assert set(TEMPLATES) == set(CHANNELS)


def test_an_odd_number_is_sent_with_a_warning() -> None:
    ready = parcel_of(request(carrier="YUNDA", tracking_no="12345678901234"), CARRIERS)
    assert isinstance(ready, Ready)
    assert ["looks like none of YUNDA" in w for w in ready.warnings] == [True]


def test_attempts_share_a_submission_and_other_numbers_don_t() -> None:
    def made(**changes: Any) -> str:
        ready = parcel_of(request(**changes), CARRIERS)
        assert isinstance(ready, Ready)
        return ready.parcel.request_id

    assert made(attempt=1) == made(attempt=3)
    assert len({made(), made(tracking_no="SF0000000000002"), made(shipment_id="s2"), made(order_no="23")}) == 4


@given(
    st.sampled_from(CHANNELS), st.sampled_from([c.code for c in CARRIERS.carriers]), st.text(max_size=20), st.booleans()
)
def test_every_request_is_ready_with_a_code_or_wrong_with_a_reason(
    channel: str, carrier: str, number: str, whole: bool
) -> None:
    found = parcel_of(request(channel=channel, carrier=carrier, tracking_no=number, whole_order=whole), CARRIERS)
    if isinstance(found, Wrong):
        assert found.reason and found.outcome in ("CARRIER_WRONG", "NUMBER_WRONG", "REQUEST_WRONG")
    else:
        assert found.parcel.carrier and found.parcel.tracking_no
