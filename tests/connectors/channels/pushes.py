"""Pushes as the platforms send them, and bad ones: each is a good one of the generator's orders with one thing wrong, so that only that
can be why it is refused. Seeded: the same seed, the same cases.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import parse_qs, quote, urlencode

from connectors.generator import generate
from connectors.generator.sale import RawEvent
from connectors.platforms.signing import douyin_push, kuaidi100_push, parcel_salt, shopify_push
from connectors.shops import LogisticsAccount, Shop, Shops

#: The largest body that is read.
LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Case:
    """A request and what it must be answered."""

    why: str
    path: str
    headers: dict[str, str]
    body: bytes
    expected: int
    method: str = "POST"
    #: Topic and key of what it puts into Kafka; none when it is refused.
    records: tuple[tuple[str, str], ...] = ()
    #: Sent without saying how long it is.
    chunked: bool = False
    #: What is signed with, for whoever wants to sign something else.
    sign: Callable[[Case], Case] | None = field(default=None, repr=False)

    def resigned(self) -> Case:
        """With the signature of the body it has."""
        assert self.sign is not None
        return self.sign(self)


def shopify(shop: Shop, doc: dict[str, object], at_ms: int, topic: str = "orders/updated") -> Case:
    """One order as it is."""

    def sign(case: Case) -> Case:
        return replace(case, headers={**case.headers, "X-Shopify-Hmac-Sha256": shopify_push(shop.secret, case.body)})

    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop.seller,
        "X-Shopify-Event-Id": f"event-{doc.get('id')}",
        "X-Shopify-Triggered-At": iso(at_ms),
    }
    key = f"shopify:{doc.get('id')}"
    records = (("channel.shopify.events", key),)
    case = Case("good", f"/push/shopify/{shop.shop}", headers, raw(doc), 200, records=records, sign=sign)
    return case.resigned()


def douyin(shop: Shop, order_nos: list[str], at_s: int) -> Case:
    """A message for each order."""

    def sign(case: Case) -> Case:
        return replace(case, headers={**case.headers, "event-sign": douyin_push(shop.app_key, shop.secret, case.body)})

    messages = [
        {
            "tag": "101",
            "msg_id": f"msg-{no}",
            "data": raw(
                {
                    "p_id": int(no),
                    "s_ids": [int(no)],
                    "shop_id": int(shop.seller),
                    "order_status": 2,
                    "pay_time": at_s,
                    "pay_amount": 9900,
                }
            ).decode(),
        }
        for no in order_nos
    ]
    records = tuple(("channel.notices", f"douyin:{no}") for no in order_nos)
    headers = {"Content-Type": "application/json"}
    return Case("good", f"/push/douyin/{shop.shop}", headers, raw(messages), 200, records=records, sign=sign).resigned()


def kuaidi100(account: LogisticsAccount, order_id: str, shipment_id: str, number: str, steps: int = 3) -> Case:
    """A parcel's way so far."""
    data = [
        {"context": f"快件到达 第 {n} 站", "time": f"2026-01-01 12:{n:02d}:00", "status": "在途"}
        for n in range(steps, 0, -1)
    ]
    param = {
        "status": "polling",
        "message": "",
        "lastResult": {"message": "ok", "state": "0", "com": "yuantong", "nu": number, "data": data},
    }
    return kuaidi100_of(account, raw(param).decode(), order_id, shipment_id, steps)


def kuaidi100_of(account: LogisticsAccount, param: str, order_id: str, shipment_id: str, steps: int) -> Case:
    """A push of this ``param``, which may be anything."""

    def sign(case: Case) -> Case:
        return replace(case, body=form(param, kuaidi100_push(param, parcel_salt(account.salt, order_id, shipment_id))))

    records = (("logistics.traces", order_id),) * steps
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/push/kuaidi100/{quote(order_id, safe=':')}/{quote(shipment_id, safe=':')}"
    return Case("good", path, headers, b"", 200, records=records, sign=sign).resigned()


def form(param: str, sign: str) -> bytes:
    return urlencode({"sign": sign, "param": param}).encode()


def raw(doc: object) -> bytes:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()


def iso(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_ms // 1000)) + f".{at_ms % 1000:03d}Z"


def good(shops: Shops, seed: int) -> Iterator[Case]:
    """Good pushes for ever, each of orders of its own, over all channels that are pushed."""
    rng = Random(f"good/{seed}")
    serial = seed * 1_000_000
    now_ms = time.time_ns() // 1_000_000
    orders = _shopify_orders(seed, now_ms)
    pushed = [shop for shop in shops.shops if shop.channel in ("shopify", "douyin")]
    accounts = [account for account in shops.logistics if account.provider == "kuaidi100"]
    while True:
        serial += 1
        for shop in pushed:
            if shop.channel == "shopify":
                number = 7_000_000_000_000_000 + serial * 10 + pushed.index(shop)
                doc = {**next(orders), "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}"}
                yield shopify(shop, {**doc, "updated_at": iso(now_ms - rng.randrange(3_600_000))}, now_ms)
            else:
                first = 4_900_000_000_000_000_000 + serial * 100 + pushed.index(shop) * 10
                yield douyin(shop, [str(first + n) for n in range(rng.randint(1, 5))], now_ms // 1000 - 1)
        for account in accounts:
            yield kuaidi100(account, f"taobao:{serial}", f"S{serial}", f"YT{serial:013d}", rng.randint(1, 8))


def bad(shops: Shops, seed: int) -> Iterator[Case]:
    """Bad pushes for ever."""
    rng = Random(f"bad/{seed}")
    # Other orders than the good ones': what comes through shows.
    for case in good(shops, seed + 500_000):
        channel = case.path.split("/")[2]
        kind = rng.choice([*_ANY, *_OF[channel]])
        broken = kind(case, rng, shops)
        yield replace(broken, why=f"{channel}: {kind.__name__.strip('_')}", records=())


def _shopify_orders(seed: int, start_ms: int) -> Iterator[dict[str, object]]:
    batch = 0
    while True:
        batch += 1
        events: Iterator[RawEvent] = generate(400, seed + batch, start_ms=start_ms, malformed_rate=0)
        yield from (json.loads(e.event["payload"]) for e in events if e.event["channel"] == "shopify")


# -- what is wrong; each returns the case with its expected answer --


def _forged_signature(case: Case, rng: Random, shops: Shops) -> Case:
    """Of the right length and alphabet, absent, empty, of another kind."""
    name = _signature(case)
    if name is None:
        param, sign = _param(case), "".join(rng.choices("0123456789ABCDEF", k=32))
        return replace(case, body=form(param, rng.choice(["", sign, sign[:31], "签", "0" * 100_000])), expected=401)
    headers = dict(case.headers)
    old = headers.pop(name)
    given = rng.choice([None, "", old[:-1], old[:-1] + "#", old + "=", old.swapcase() + "x", rng.randbytes(16).hex()])
    if given is not None:
        headers[name] = given
    return replace(case, headers=headers, expected=401)


def _changed_body(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed, and then one byte is another one, is missing, or one more is there."""
    body = bytearray(case.body)
    at = rng.randrange(len(body))
    what = rng.choice(["flip", "drop", "add"])
    if _signature(case) is None:
        # Of a form: in its parameter, so that it stays a form.
        return replace(case, body=case.body.replace(b"%22", b"%27", 1 + rng.randrange(3)), expected=401)
    if what == "flip":
        body[at] ^= 1 << rng.randrange(8)
    elif what == "drop":
        del body[at]
    else:
        body.insert(at, rng.randrange(256))
    return replace(case, body=bytes(body), expected=401)


def _signed_by_another(case: Case, rng: Random, shops: Shops) -> Case:
    """A good signature of somebody who knows another secret."""
    name = _signature(case)
    other = f"secret-{rng.random()}"
    if name is None:
        return replace(case, body=form(_param(case), kuaidi100_push(_param(case), other)), expected=401)
    sign = shopify_push(other, case.body) if name.startswith("X-") else douyin_push("other", other, case.body)
    return replace(case, headers={**case.headers, name: sign}, expected=401)


def _to_another_shop(case: Case, rng: Random, shops: Shops) -> Case:
    """A good push at a path that is nobody's."""
    path = rng.choice(
        [
            case.path + "/x",
            case.path + "/",
            "/push/nobody/shop",
            case.path.rpartition("/")[0] + "/%2e%2e%2fmetrics",
            case.path.replace("/push/", "/push//"),
            "/push/taobao/anything",
            f"/{'a' * 4000}",
        ]
    )
    return replace(case, path=path, expected=404)


def _oversized(case: Case, rng: Random, shops: Shops) -> Case:
    """Well signed, and longer than anybody reads."""
    size = LIMIT + rng.choice([1, 1000, 3_000_000])
    grown = case.body + b" " * (size - len(case.body))
    signed = replace(case, body=grown)
    if _signature(case) is not None:
        signed = signed.resigned()
    return replace(signed, expected=413, chunked=rng.random() < 0.5)


def _wrong_method(case: Case, rng: Random, shops: Shops) -> Case:
    return replace(case, method=rng.choice(["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]), expected=405)


def _wrong_media_type(case: Case, rng: Random, shops: Shops) -> Case:
    kind = rng.choice(
        ["text/plain", "application/xml", "application/jsonp", "multipart/form-data; boundary=x", ";", ""]
    )
    return replace(case, headers={**case.headers, "Content-Type": kind}, expected=415)


def _compressed(case: Case, rng: Random, shops: Shops) -> Case:
    """Says that it is compressed, and is not: a signature is over what was sent."""
    return replace(
        case, headers={**case.headers, "Content-Encoding": rng.choice(["gzip", "deflate", "br"])}, expected=415
    )


def _no_json(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed, and no JSON."""
    return replace(case, body=_no_json_of(rng, case.body), expected=400).resigned()


def _no_order(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed JSON that is no order of Shopify, or an order without a number."""
    nobody = [None, "", "a b", [1], True, 1.5, "x" * 65, {"id": 1}, "订单"]
    docs: list[object] = [[], "text", 7, None, [{"id": 1}], *({"id": value, "line_items": []} for value in nobody)]
    return replace(case, body=raw(rng.choice(docs)), expected=400).resigned()


def _no_order_named(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed, and of no order: taken, so that it is not sent again, and nothing comes of it."""
    docs: list[object] = [{}, {"id": None}, {"id": ""}, {"id": [1]}, {"id": True}, {"ID": 1}, {"order": {"name": "#1"}}]
    docs += [{"id": 820982911946154508, "test": True, "updated_at": "2021-12-31T19:00:00-05:00"}]
    docs += [
        {"order_edit": {"id": 7891, "order_id": None}},
        {"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/1"}},
    ]
    topic = rng.choice(["orders/updated", "products/update", "shop/redact", "anything", ""])
    headers = {**case.headers, "X-Shopify-Topic": topic}
    return replace(case, headers=headers, body=raw(rng.choice(docs)), expected=200).resigned()


def _old(case: Case, rng: Random, shops: Shops) -> Case:
    """Dated outside the window by the header: anything else is right."""
    now = time.time_ns() // 1_000_000
    at = rng.choice([now - 49 * 3_600_000, now - 400 * 86_400_000, now + 3_600_000])
    return replace(case, headers={**case.headers, "X-Shopify-Triggered-At": iso(at)}, expected=403)


def _undated(case: Case, rng: Random, shops: Shops) -> Case:
    """Without the header's date, or with one that is none."""
    headers = {**case.headers, "X-Shopify-Triggered-At": rng.choice(["", "yesterday", "0"])}
    if rng.random() < 0.3:
        del headers["X-Shopify-Triggered-At"]
    return replace(case, headers=headers, expected=403)


def _replayed(case: Case, rng: Random, shops: Shops) -> Case:
    """An old push whose header, which is not signed, was made new."""
    now = time.time_ns() // 1_000_000
    doc = {**json.loads(case.body), "updated_at": iso(now - rng.randint(49, 9_000) * 3_600_000)}
    return replace(case, body=raw(doc), expected=403).resigned()


def _of_another_domain(case: Case, rng: Random, shops: Shops) -> Case:
    """One app's secret signs for all its shops: the domain says which."""
    domain = rng.choice(["evil.myshopify.example", "", "x" * 2000])
    return replace(case, headers={**case.headers, "X-Shopify-Shop-Domain": domain}, expected=401)


def _no_messages(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed JSON that is no array of Douyin's messages."""
    good_one = json.loads(case.body)[0]
    docs: list[object] = [[], {}, "text", 7, None, good_one, [good_one["data"]], [[]], [None, 1, "x"]]
    docs += [[{**good_one, "data": data}] for data in ("", "{", "[]", None, 7, {"p_id": []}, '{"p_id":"a b"}')]
    docs += [[{**good_one, "data": '{"p_id":4900000000000000001,"shop_id":1}'}]]
    return replace(case, body=raw(rng.choice(docs)), expected=400).resigned()


def _no_order_told(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed messages about goods, coupons and nothing: taken, and nothing comes of them."""
    good_one = json.loads(case.body)[0]
    messages = [{**good_one, "tag": tag} for tag in ("0", "", "400", "998", "1", "1011", None)]
    messages += [{**good_one, "data": data} for data in ({}, "{}", {"p_id": None}, '{"p_id":""}')]
    return replace(case, body=raw(rng.sample(messages, rng.randint(1, 3))), expected=200).resigned()


def _no_traces(case: Case, rng: Random, shops: Shops) -> Case:
    """Signed, and nothing that tells of a parcel."""
    steps: list[object] = [7, [1], ["x"], [{"context": 1, "time": "2026-01-01 12:00:00"}]]
    steps += [[{"context": "x", "time": "tomorrow"}], [{"context": "x"}], {"context": "x"}]
    params = [raw({"lastResult": {"nu": "YT1", "com": "yuantong", "data": data}}).decode() for data in steps]
    params += ["[]", "{}", "7", "null", "{", '{"lastResult":[]}', '{"lastResult":{"nu":1,"com":"x","data":[{}]}}']
    account = next(account for account in shops.logistics if account.provider == "kuaidi100")
    _, _, _, order_id, shipment_id = case.path.split("/")
    broken = kuaidi100_of(account, rng.choice(params), order_id, shipment_id, 0)
    return replace(broken, path=case.path, expected=400)


def _no_form(case: Case, rng: Random, shops: Shops) -> Case:
    """Bytes where a form belongs: there is no signature in them."""
    body = rng.choice([b"", rng.randbytes(rng.randint(1, 500)), b"param", b"&" * 1000, b"a=b&" * 400, b"\xff=\xff"])
    return replace(case, body=body, expected=401)


_ANY = (_forged_signature, _changed_body, _signed_by_another, _to_another_shop, _oversized, _wrong_method)
_ANY += (_wrong_media_type, _compressed)
_OF: dict[str, tuple[Callable[[Case, Random, Shops], Case], ...]] = {
    "shopify": (_no_json, _no_order, _no_order_named, _old, _undated, _replayed, _of_another_domain),
    "douyin": (_no_json, _no_messages, _no_order_told),
    "kuaidi100": (_no_traces, _no_form),
}


def _signature(case: Case) -> str | None:
    """The header it stands in; None: in the form."""
    return next((name for name in ("X-Shopify-Hmac-Sha256", "event-sign") if name in case.headers), None)


def _param(case: Case) -> str:
    return parse_qs(case.body.decode())["param"][0]


def _no_json_of(rng: Random, body: bytes) -> bytes:
    at = rng.randrange(1, len(body))
    return rng.choice(
        [
            b"",
            body[:at],
            body + b"}",
            b"\xef\xbb\xbf" + body,
            rng.randbytes(rng.randint(1, 2000)),
            b"[" * rng.choice([100, 10_000, 100_000]),
            b'{"id":NaN}',
            b'{"id":1,"note":"\xff\xfe"}',
            b'{"id":1,"note":"\\ud800"}',
            b"{'id':1}",
            b"\x00" * 100,
            b"<?xml version='1.0'?><order/>",
        ]
    )
