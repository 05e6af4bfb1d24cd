"""Orders with known oddities, to measure signals on: real trade's shape, every platform's way to hide a receiver, and traps that are right.

Orders come from the generator that is fitted to a real retailer's invoices, through each platform's own mapper: so receivers are masked,
ciphertext or numbers that forward, just as the platforms give them. A third is made plain, as a shop of one's own has it. Then some get one
oddity each, written down here by hand and not by the rules that look for it, and some get what only looks odd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import NamedTuple, cast

from connectors.generator.places import buyer
from connectors.generator.stream import generate
from schemas.records import Reason, Receiver
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT
from streams.domain.risk.facts import Line, Match, RiskFacts, Window

#: 2026-11-30, noon in China.
_NOW_MS = 1_764_475_200_000 + 365 * 86_400_000
_PLAIN, _ODD, _TRAP = 0.34, 0.3, 0.3


class Labelled(NamedTuple):
    """An order, the signals that are right for it, and what was done to it."""

    facts: RiskFacts
    expected: frozenset[str]
    #: Name of the oddity or the trap; empty: none.
    planted: str
    channel: str


class _Plant(NamedTuple):
    expected: str
    make: Callable[[RiskFacts, Random], RiskFacts]
    #: Whether it needs a receiver in clear.
    plain: bool = True


def labelled(count: int, seed: int) -> Iterator[Labelled]:
    """So many orders, the same for the same seed."""
    random = Random(f"risk/{seed}")
    seen: set[str] = set()
    made = 0
    for event in generate(count * 2, seed, start_ms=_NOW_MS, duplicate_rate=0, malformed_rate=0):
        if event.key in seen:
            continue
        reasons: list[Reason] = []
        channel = event.event["channel"]
        payload = read_object(event.event["payload"], reasons)
        if payload is None:
            continue
        found = MAPPERS[channel](payload, reasons, DEFAULT)
        if reasons or found.status != "PAID":
            continue
        seen.add(event.key)
        lines = tuple(Line(each["sku"], each["quantity"], each["unit_price_minor"]) for each in found.lines)
        # Neither the amount nor the pieces of ordinary trade are odd: what of it is above a limit is left out.
        if found.total_minor >= 200_000 or sum(line.quantity for line in lines) >= 50:
            continue
        facts = RiskFacts(found.receiver, _NOW_MS, found.total_minor, lines, first_order=False)
        made += 1
        yield _planted(facts, channel, random)
        if made == count:
            return


def _planted(facts: RiskFacts, channel: str, random: Random) -> Labelled:
    plain = random.random() < _PLAIN
    if plain:
        facts = facts._replace(receiver=_plain(random))
    chance = random.random()
    among: Mapping[str, _Plant] = _ODDITIES if chance < _ODD else _TRAPS if chance < _ODD + _TRAP else {}
    fit = [name for name, each in among.items() if not each.plain or plain]
    if not fit:
        return Labelled(facts, frozenset(), "", channel)
    name = random.choice(fit)
    plant = among[name]
    expected = frozenset([plant.expected]) if plant.expected else frozenset[str]()
    return Labelled(plant.make(facts, random), expected, name, channel)


def _plain(random: Random) -> Receiver:
    it = buyer(random)
    # The generator's own phones are all of one made-up block.
    phone = random.choice(("131", "135", "138", "150", "159", "177", "186", "192")) + f"{random.randrange(10**8):08d}"
    return _receiver(it.name, phone, it.province, it.city, it.district, f"{it.street}{it.detail}")


def _receiver(name: str, phone: str, province: str, city: str, district: str, address: str) -> Receiver:
    return {
        "name": name, "phone": phone, "country": "CN", "province": province, "city": city, "district": district,
        "town": "", "address": address, "postal_code": "", "oaid": None, "company": "", "phone_extension": "", "forms": {},
    }  # fmt: skip


def _field(name: str, *values: str) -> Callable[[RiskFacts, Random], RiskFacts]:
    def make(facts: RiskFacts, random: Random) -> RiskFacts:
        changed = {**facts.receiver, name: random.choice(values)}
        return facts._replace(receiver=cast(Receiver, changed))

    return make


def _place(*values: tuple[str, str, str, str]) -> Callable[[RiskFacts, Random], RiskFacts]:
    def make(facts: RiskFacts, random: Random) -> RiskFacts:
        province, city, district, address = random.choice(values)
        changed = {**facts.receiver, "province": province, "city": city, "district": district, "address": address}
        return facts._replace(receiver=cast(Receiver, changed))

    return make


def _fact(**values: object) -> Callable[[RiskFacts, Random], RiskFacts]:
    return lambda facts, random: facts._replace(**values)  # type: ignore[arg-type]


def _cheap(facts: RiskFacts, random: Random) -> RiskFacts:
    line = random.choice([each for each in facts.lines if each.unit_price_minor] or facts.lines)
    return facts._replace(floors={line.sku: line.unit_price_minor * 10 + 1})


def _later(ms: int) -> int:
    return _NOW_MS + ms


_ODDITIES: Mapping[str, _Plant] = {
    "platform_risk_review": _Plant("PLATFORM_RISK", _fact(platform="review"), plain=False),
    "platform_has_not_decided": _Plant("PLATFORM_PENDING", _fact(platform="pending"), plain=False),
    "two_keys_blocked": _Plant(
        "BLOCKED",
        _fact(matches=(Match("block", "phone", _later(9)), Match("block", "address", _later(9)))),
        plain=False,
    ),
    "one_key_blocked": _Plant("BLOCKED_BY_ONE_KEY", _fact(matches=(Match("block", "buyer", _later(9)),)), plain=False),
    "no_address": _Plant(
        "VAGUE_ADDRESS",
        _field(
            "address",
            "随便",
            "老地方",
            "你看着发",
            "到了打电话",
            "家里",
            "公司",
            "同上",
            "学校门口",
            "小区",
            "12",
            "村",
            "。。。",
            "杭州",
        ),
    ),
    "another_district": _Plant(
        "ADDRESS_CONTRADICTS",
        _place(
            ("浙江省", "杭州市", "西湖区", "余杭区文一西路969号"),
            ("上海市", "上海市", "浦东新区", "静安区南京西路1266号"),
            ("广东省", "深圳市", "南山区", "福田区深南大道6013号"),
            ("四川省", "成都市", "武侯区", "成都市锦江区红星路三段1号"),
        ),
    ),
    "forwarder": _Plant(
        "FORWARDER",
        _field(
            "address",
            "东江路8号转运中心A1库-10086",
            "宝安大道5号集运仓",
            "前海路TW00000转",
            "跨境仓3号门",
            "空港物流园B2-10432客户号",
            "代收货点7号",
        ),
    ),
    "no_phone": _Plant(
        "PHONE_INVALID",
        _field("phone", "1380001234", "138000012345", "23800012345", "无", "微信联系", "12580001234", "86"),
    ),
    "firm_number": _Plant("PHONE_SERVICE", _field("phone", "95188", "400-820-8820", "10086", "110", "4008208820")),
    "invented_number": _Plant(
        "PHONE_REPEATED", _field("phone", "13888888888", "11111111111", "12345678901", "13000000000")
    ),
    "data_card": _Plant("PHONE_UNUSUAL", _field("phone", "14012345679", "14812345679", "16112345679", "13491234567")),
    "virtual_operator": _Plant(
        "PHONE_VIRTUAL", _field("phone", "17012345679", "16212345679", "16512345679", "17112345679")
    ),
    "many_of_one_buyer": _Plant("BURST_BUYER", _fact(windows=(Window("buyer", 10, 40),)), plain=False),
    "many_of_one_phone": _Plant("BURST_PHONE", _fact(windows=(Window("phone", 10, 6),))),
    "many_buyers_at_one_door": _Plant("BURST_ADDRESS", _fact(windows=(Window("address", 10, 9, 9),))),
    "large_amount": _Plant("AMOUNT", _fact(total_minor=880_000), plain=False),
    "many_pieces": _Plant("QUANTITY", _fact(lines=(Line("S", 400, 10),)), plain=False),
    "price_error": _Plant("PRICE", _cheap, plain=False),
    "first_order_and_large": _Plant("FIRST_ORDER", _fact(first_order=True, total_minor=300_000), plain=False),
    "who_sends_back": _Plant("REFUNDS", _fact(buyer_orders=8, buyer_refunds=6), plain=False),
    "billed_elsewhere": _Plant("COUNTRY", _fact(billing_country="NG"), plain=False),
    "asks_for_another_address": _Plant(
        "MESSAGE",
        lambda facts, random: facts._replace(
            buyer_message=random.choice(
                (
                    "麻烦改地址到杭州",
                    "换个地址发",
                    "请发顺丰",
                    "先别发货，我要退款",
                    "地址写错了，联系我",
                    "改成地址：某路1号",
                )
            )
        ),
        plain=False,
    ),
    "changed_after_payment": _Plant("CHANGED", _fact(changed_after_payment=True), plain=False),
}

#: What looks odd and is right.
_TRAPS: Mapping[str, _Plant] = {
    "masked_address": _Plant("", _field("address", "***", "文三路***", "浙江省杭州市西湖区****"), plain=False),
    "masked_phone": _Plant("", _field("phone", "138****0000", "1**********", "0571-****0000"), plain=False),
    "number_that_forwards": _Plant(
        "", _field("phone", "13800000000-1234", "18412345678转5678", "$13800000000$#1234#"), plain=False
    ),
    "ciphertext": _Plant(
        "",
        _field(
            "address",
            "~WM3HZ5VKI47L73n0wkn/y3GV6xjQGBjM~424242~1~~",
            "##1wYYwOqTlrS0xR7Y8+abcdEFGH==",
            "$abcdEFGH1234$",
        ),
        plain=False,
    ),
    "city_without_districts": _Plant(
        "",
        _place(
            ("广东省", "东莞市", "", "长安镇振安路12号"),
            ("海南省", "儋州市", "", "那大镇人民路3号"),
            ("湖北省", "仙桃市", "", "干河街道大新路8号"),
        ),
    ),
    "village": _Plant("", _field("address", "李家村三组", "河口村12号", "红旗大队", "王家庄", "东风农场5连")),
    "locker_or_a_campus": _Plant(
        "", _field("address", "菜鸟驿站3号柜", "浙江大学紫金港校区北门", "丰巢柜(文三路店)", "73部队", "人民医院住院部")
    ),
    "region_twice": _Plant(
        "",
        _place(
            ("浙江省", "杭州市", "西湖区", "西湖区西湖区文三路90号"),
            ("浙江省", "杭州市", "西湖区", "浙江省杭州市西湖区文三路90号"),
        ),
    ),
    "fixed_line": _Plant(
        "", _field("phone", "0571-88886666", "02188886666", "010-66668888-801", "+8613812345679", "86 13812345679")
    ),
    "new_operator_number": _Plant("", _field("phone", "19212345679", "19912345679", "16612345679", "17312345679")),
    "firm_own_warehouse": _Plant(
        "", _field("address", "建设路18号中心仓2号门", "物流园C区5号仓库", "软件园8号楼A座101室")
    ),
    "gifts": _Plant(
        "",
        lambda facts, random: facts._replace(lines=(*facts.lines, Line("GIFT", 1, 0)), floors={"GIFT": 100}),
        plain=False,
    ),
    "one_home_many_orders": _Plant("", _fact(windows=(Window("address", 10, 9, 1),))),
    "many_orders_in_a_day": _Plant("", _fact(windows=(Window("buyer", 1_440, 9),)), plain=False),
    "lent_number_many_orders": _Plant(
        "",
        lambda facts, random: _field("phone", "13800000000-1234")(facts, random)._replace(
            windows=(Window("phone", 10, 30),)
        ),
        plain=False,
    ),
    "entry_that_is_over": _Plant("", _fact(matches=(Match("block", "buyer", _NOW_MS),)), plain=False),
    "harmless_remark": _Plant(
        "",
        lambda facts, random: facts._replace(
            buyer_message=random.choice(("不要放快递柜", "放门口就好", "请尽快", "不退款"))
        ),
        plain=False,
    ),
    "one_refund_of_one_order": _Plant("", _fact(buyer_orders=1, buyer_refunds=1), plain=False),
}
