"""Why goods come back: a platform's code or words -> the class they belong to. Tables, first match wins.

No platform of the five publishes what its buyers may choose, but for Shopify's library of handles; the words are those that recur in shops'
own systems. What no row knows is OTHER: counted, and never guessed.
"""

from __future__ import annotations

import re

from schemas.records import ReasonClass

#: In this order: 货物破损已拒签 is DAMAGED before it is a refusal, 长时间未送达 is LATE before it is not received.
TEXTS: tuple[tuple[ReasonClass, str], ...] = (
    ("LOST", r"丢件|丢失|遗失"),
    ("DAMAGED", r"破损|压坏|摔坏|漏液|变形|污渍|破裂|碎了"),
    # Empty or short: what was in the parcel was not what belongs in it.
    ("WRONG_PARCEL", r"空包裹|空包|包裹为空|少件|漏发|少发|缺件|发错|错发"),
    ("LATE", r"约定.*发货|未发货|发货慢|发货太慢|不发货|没发货|延迟发货|长时间未|时间太长|太慢|超时"),
    ("NOT_RECEIVED", r"无跟踪|无物流|无快递|停滞|不更新|物流异常|虚假发货|虚假签收"),
    ("NOT_RECEIVED", r"未送达|未送到|没送到|未到达|一直未到|一直没到|一直未送|一直没送|[未没]有?收到|未收货"),
    (
        "GOODS",
        r"质量|描述|不符|不一致|尺码|尺寸|大小|颜色|色差|材质|面料|做工|缺货|假货|假冒|正品|瑕疵|故障|过期|变质|异味|效果",
    ),
    (
        "BUYER",
        r"不想要|不喜欢|不需要|不合适|拍错|多拍|错拍|买错|误拍|七天无理由|7天无理由|无理由|地址.*错|信息填错|重新拍|优惠|降价",
    ),
    # English, as Shopify's merchants write it.
    ("LOST", r"\blost\b"),
    ("DAMAGED", r"\bdamaged?\b|\bbroken\b"),
    ("WRONG_PARCEL", r"wrong (item|product|parcel)|missing (item|part|piece)"),
    ("LATE", r"\blate\b|\bdelay(ed)?\b|too slow"),
    ("NOT_RECEIVED", r"not (been )?(received|delivered|arrived?)|never (arrived|received|came)"),
    ("GOODS", r"defect|quality|not as described|\bsize\b|too (small|large|big)"),
    ("BUYER", r"changed? (my|his|her|their) mind|unwanted|no longer (want|need)"),
)

#: Shopify: handles of its reason library, and the older enum, both lower case. Its quality and style reasons are by far the most.
SHOPIFY: dict[str, ReasonClass] = {
    **dict.fromkeys(("arrived-late",), "LATE"),
    **dict.fromkeys(("delivery-issue",), "NOT_RECEIVED"),
    **dict.fromkeys(("damaged-packaging", "packaging-not-sealed"), "DAMAGED"),
    **dict.fromkeys(("wrong-amount", "quantity", "received-the-wrong-item", "wrong_item"), "WRONG_PARCEL"),
    # Goods may be broken without the carrier's doing: without his word they are the goods'.
    **dict.fromkeys(("damaged-or-defective", "defective", "not_as_described"), "GOODS"),
    **dict.fromkeys(("color", "style", "size_too_large", "size_too_small"), "GOODS"),
    **dict.fromkeys(("unwanted", "ordered-wrong-item", "duplicate-order"), "BUYER"),
    **dict.fromkeys(("other", "unknown"), "OTHER"),
}

_TEXTS = tuple((found, re.compile(pattern, re.IGNORECASE)) for found, pattern in TEXTS)
#: A reason is a line; a buyer's letter is not searched to its end.
_CHARS = 500


def of_text(*texts: str) -> ReasonClass:
    """The class of the first of these texts that a row knows."""
    for text in texts:
        short = text[:_CHARS]
        for found, pattern in _TEXTS:
            if pattern.search(short):
                return found
    return "OTHER"


def of_code(table: dict[str, ReasonClass], code: str, *texts: str) -> ReasonClass:
    """By the platform's code; where no row has it, or says OTHER, by the words beside it."""
    found = table.get(code.lower(), "OTHER")
    return of_text(*texts) if found == "OTHER" else found
