"""Carriers as the simulated platforms know them: their codes at each platform, what their numbers look like, and new numbers.

Sources: the platforms' carrier lists and published number patterns. The hub's own table is another one on purpose: what it believes is
checked against this. No code where the platform's is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Carrier:
    """``taobao`` is Cainiao's cp_code too. ``serial``: format of a new number, of a serial number below 10^9."""

    name: str
    number: str
    serial: str
    taobao: str = ""
    jd: str = ""
    pdd: str = ""
    pdd_waybill: str = ""
    douyin: str = ""
    kuaidi100: str = ""
    _number: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_number", re.compile(self.number))

    def takes(self, tracking_no: str) -> bool:
        """Whether a number looks like one of this carrier."""
        return self._number.fullmatch(tracking_no) is not None

    def waybill(self, serial: int) -> str:
        """A new number."""
        return self.serial.format(serial % 10**9)


CARRIERS: tuple[Carrier, ...] = (
    Carrier(
        "顺丰速运",
        r"[A-Za-z0-9-]{4,35}",
        "SF1{:012d}",
        taobao="SF",
        jd="467",
        pdd="44",
        pdd_waybill="SF",
        douyin="shunfeng",
        kuaidi100="shunfeng",
    ),
    Carrier(
        "中通快递",
        r"\d{14}|\d{12}",
        "75{:012d}",
        taobao="ZTO",
        jd="1499",
        pdd="115",
        pdd_waybill="ZTO",
        douyin="zhongtong",
        kuaidi100="zhongtong",
    ),
    Carrier(
        "圆通速递",
        r"[A-Za-z0-9]{2}\d{8}|[A-Za-z0-9]{2}\d{10,13}|[6-9]\d{17}",
        "YT{:013d}",
        taobao="YTO",
        jd="463",
        pdd="85",
        pdd_waybill="YTO",
        douyin="yuantong",
        kuaidi100="yuantong",
    ),
    Carrier(
        "申通快递",
        r"(77|88|99)\d{13}|\d{12,13}|STO\d{10}",
        "77{:013d}",
        taobao="STO",
        jd="470",
        pdd="1",
        pdd_waybill="STO",
        douyin="shentong",
        kuaidi100="shentong",
    ),
    Carrier(
        "韵达快递",
        r"\d{13}|\d{15}",
        "431{:012d}",
        taobao="YUNDA",
        jd="1327",
        pdd="121",
        pdd_waybill="YUNDA",
        douyin="yunda",
        kuaidi100="yunda",
    ),
    Carrier(
        "EMS",
        r"[A-Z]{2}\d{9}[A-Z]{2}|1[0-2]\d{11}|5[0-2]\d{11}|9[5789]\d{11}",
        "11{:011d}",
        taobao="EMS",
        jd="465",
        pdd="118",
        pdd_waybill="EMS",
        douyin="ems",
        kuaidi100="ems",
    ),
    Carrier(
        "邮政快递包裹",
        r"\d{13}",
        "98{:011d}",
        taobao="POSTB",
        jd="465",
        pdd="132",
        pdd_waybill="YZXB",
        douyin="youzhengguonei",
        kuaidi100="youzhengguonei",
    ),
    Carrier(
        "德邦快递",
        r"\d{8,10}|DPK\d{12,}",
        "DPK{:012d}",
        taobao="DBKD",
        jd="3046",
        pdd="131",
        pdd_waybill="DB",
        douyin="debangwuliu",
        kuaidi100="debangwuliu",
    ),
    Carrier(
        "京东快递",
        r"JD[XK]\d{12}|JDV[A-Z]\d{11}",
        "JDVA{:011d}",
        taobao="LE04284890",
        jd="2087",
        pdd_waybill="JD",
        douyin="jd",
        kuaidi100="jd",
    ),
    Carrier(
        "极兔速递",
        r"JT\d{12,13}",
        "JT{:013d}",
        pdd="384",
        pdd_waybill="JTSD",
        douyin="jtexpress",
        kuaidi100="jtexpress",
    ),
    Carrier(
        "百世快递",
        r"\d{12,15}|JT\d{12,13}|[ABDE]\d{12}",
        "A{:012d}",
        taobao="HTKY",
        pdd="3",
        pdd_waybill="HT",
        douyin="huitongkuaidi",
        kuaidi100="huitongkuaidi",
    ),
)


def by_code(platform: str) -> dict[str, Carrier]:
    """A platform's code -> the carrier; where two share a code, the first. ``platform`` is a field's name."""
    known: dict[str, Carrier] = {}
    for carrier in CARRIERS:
        code: str = getattr(carrier, platform)
        if code:
            known.setdefault(code, carrier)
    return known
