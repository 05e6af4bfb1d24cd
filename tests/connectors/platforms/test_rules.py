"""What each platform's codes mean, as the facts about them say: class by class."""

from __future__ import annotations

import pytest

from connectors.endings import Held, Throttled, Unavailable, Unsure
from connectors.platforms import douyin_codes, jd_codes, pdd_codes, shopify_codes, taobao_codes
from connectors.platforms.base import Refused
from connectors.platforms.rules import Ambiguous, Rule, error, table, words

REREAD = "reread"

TAOBAO = {
    REREAD: "B04 HD06 B02 B55 B60 P10 F04 F05 B27",
    "RETRYABLE": "B04 HD06 B150 S01 R98 CD28",
    "NUMBER_WRONG": "B59 B60 P10 F F01 F02 F03 F04 F05 F06 CD18",
    "CARRIER_WRONG": "B52 B56 B57 B58 B79 B86 B105 P03",
    "REQUEST_WRONG": "P01 P22 P17 B101 CD22 CD23 CD24 CD25 CD26 CD27 CD29 CD30 CD31 B06 P25 P38 B98 B27 B01 P02 B05",
    "ORDER_FORBIDS": "B02 B55",
}
DOUYIN = {
    REREAD: "60110 70023 60113",
    "RETRYABLE": "60110 70023 60113 10005 10009 10018 20003 8888 60051 60106 60114 60118 60121 60124 60125 60132 70002"
    " 70009 70011 70014 80007 99997 120018 120032",
    "HELD": "60109 60040 60120",
    "ORDER_FORBIDS": "60021 60068 60137 70005 10032",
    "NUMBER_WRONG": "60017 60127 70018 70019 70020 70022",
    "CARRIER_WRONG": "60011 60083 60018 60026 60126 60128 60138 700005 700042",
    "REQUEST_WRONG": "50001 50029 50049 50050 60016 60036 60046 60056 60062 60079 60080 60102 60104 60105 60027 60028"
    " 60070 60071 60072 60134 700029 70016 60033 60101 60022 60024 60057 60107 60108 60111 60116 60122 60123 60131"
    " 60069 99998",
}


@pytest.mark.parametrize("verdict", [name for name in TAOBAO if name != REREAD])
@pytest.mark.parametrize("prefix", ["isv.logistics-offline-service-error:", "isv.logistics-online-service-error:"])
def test_taobaos_suffixes(verdict: str, prefix: str) -> None:
    for tail in TAOBAO[verdict].split():
        rule = taobao_codes.rule("15", prefix + tail)
        assert (rule.verdict, rule.reread) == (verdict, tail in TAOBAO[REREAD].split()), tail


@pytest.mark.parametrize(
    ("code", "sub_code", "verdict"),
    [
        ("7", "accesscontrol.limited-by-app-access-count", "THROTTLED"),
        ("15", "accesscontrol.limited-by-api-access-count", "THROTTLED"),
        ("7", "", "THROTTLED"),
        ("10", "", "UNAVAILABLE"),
        ("25", "isv.invalid-signature", "UNAVAILABLE"),
        ("26", "", "UNAVAILABLE"),
        ("27", "isv.session-expired", "UNAVAILABLE"),
        ("40", "isv.missing-parameter", "REQUEST_WRONG"),
        ("15", "isp.remote-service-error", "UNAVAILABLE"),
        ("15", "isp.top-remote-connection-timeout", "UNSURE"),
        ("50", "isv.invalid-parameter", "REQUEST_WRONG"),
        ("15", "isv.trade-not-exist", "REQUEST_WRONG"),
        ("15", "", "UNSURE"),
        ("15", "isv.logistics-offline-service-error:NEW99", "REQUEST_WRONG"),
        ("999", "", "REQUEST_WRONG"),
    ],
)
def test_taobaos_own_codes(code: str, sub_code: str, verdict: str) -> None:
    assert taobao_codes.rule(code, sub_code).verdict == verdict


def test_taobaos_ban_says_how_long_it_lasts() -> None:
    assert taobao_codes.wait_s("This ban will last for 37 more seconds") == 37
    assert taobao_codes.wait_s("too many calls") is None


@pytest.mark.parametrize("verdict", [name for name in DOUYIN if name != REREAD])
@pytest.mark.parametrize("prefix", ["isv.business-failed:", "isp.service-error:", "dop.service-error:", "other:"])
def test_douyins_tails_whatever_stands_before_them(verdict: str, prefix: str) -> None:
    for tail in DOUYIN[verdict].split():
        rule = douyin_codes.rule("50002", prefix + tail, "业务处理失败")
        assert (rule.verdict, rule.reread) == (verdict, tail in DOUYIN[REREAD].split()), tail


@pytest.mark.parametrize(
    ("code", "sub_code", "text", "verdict"),
    [
        ("20000", "isp.unknown-error", "", "UNAVAILABLE"),
        ("20000", "isp.service-timeout:1", "", "UNSURE"),
        ("20000", "", "", "UNAVAILABLE"),
        ("20004", "", "", "UNAVAILABLE"),
        ("30001", "isv.app-permissions-insufficient", "", "UNAVAILABLE"),
        ("40003", "isv.access-token-expired", "", "UNAVAILABLE"),
        ("40004", "isv.parameter-invalid", "", "REQUEST_WRONG"),
        ("50002", "dop.service-error:1", "", "RETRYABLE"),
        ("50002", "isv.business-failed:1", "", "REQUEST_WRONG"),
        ("40005", "isv.call-limited", "", "THROTTLED"),
        ("70000", "", "请求过于频繁", "THROTTLED"),
        ("10001", "", "", "UNSURE"),
        ("12345", "", "", "REQUEST_WRONG"),
    ],
)
def test_douyins_own_codes(code: str, sub_code: str, text: str, verdict: str) -> None:
    assert douyin_codes.rule(code, sub_code, text).verdict == verdict


@pytest.mark.parametrize(
    ("code", "text", "verdict", "reread"),
    [
        *((code, "", "REQUEST_WRONG", False) for code in ("10000", "10001", "21001", "21002", "52004", "10017")),
        *((code, "", "UNAVAILABLE", False) for code in ("10016", "10019", "20004", "20005", "20031", "30000")),
        *((code, "", "UNSURE", False) for code in ("50000", "50002", "52001", "52002")),
        *((code, "", "UNAVAILABLE", False) for code in ("52102", "52103")),
        *((code, "", "THROTTLED", False) for code in ("52101", "70031")),
        ("50001", "订单已发货，请勿重复发货", "ORDER_FORBIDS", True),
        ("50000", "订单已发货", "ORDER_FORBIDS", True),
        ("10019", "订单已发货", "UNAVAILABLE", False),
        ("50001", "运单号不符合该快递公司的单号规则", "NUMBER_WRONG", False),
        ("50001", "快递公司已停用", "CARRIER_WRONG", False),
        ("50001", "订单售后处理中", "HELD", True),
        ("50001", "订单已取消或已退款，不能发货", "HELD", True),
        ("50001", "订单风控审核中", "HELD", False),
        ("50001", "订单未成交，不能发货", "ORDER_FORBIDS", True),
        ("50001", "系统繁忙，请稍后再试", "RETRYABLE", False),
        ("50001", "业务服务错误", "REQUEST_WRONG", False),
    ],
)
def test_pdds_codes_and_words(code: str, text: str, verdict: str, reread: bool) -> None:
    rule = pdd_codes.rule(code, text)
    assert (rule.verdict, rule.reread) == (verdict, reread)


@pytest.mark.parametrize(
    ("code", "text", "gateway", "verdict", "reread"),
    [
        ("2", "App Call Limited", True, "THROTTLED", False),
        ("2", "", False, "REQUEST_WRONG", False),
        *((code, "", True, "UNAVAILABLE", False) for code in ("12", "19", "21", "2001")),
        ("40", "", True, "REQUEST_WRONG", False),
        ("10400014", "当前状态的订单不能修改运单号", True, "RETRYABLE", True),
        ("999999", "系统异常", False, "RETRYABLE", False),
        ("99999999", "", False, "RETRYABLE", False),
        ("1", "SOP订单 订单已出库", False, "ORDER_FORBIDS", True),
        ("1", "订单已发货, 运单号不可修改", False, "ORDER_FORBIDS", True),
        ("1", "订单已取消", False, "HELD", True),
        ("1", "订单已锁定或暂停, 不能出库", False, "HELD", True),
        ("1", "用户申请退款, 不能出库", False, "HELD", True),
        ("1", "京仓或云仓订单由京东出库", False, "ORDER_FORBIDS", True),
        ("1", "运单号不符合规则", False, "NUMBER_WRONG", False),
        ("1", "物流公司不存在", False, "CARRIER_WRONG", False),
        ("1", "服务调用超时", False, "UNSURE", False),
        ("1", "未知", False, "REQUEST_WRONG", False),
    ],
)
def test_jds_codes_and_words(code: str, text: str, gateway: bool, verdict: str, reread: bool) -> None:
    rule = jd_codes.rule(code, text, gateway=gateway)
    assert (rule.verdict, rule.reread) == (verdict, reread)


@pytest.mark.parametrize(
    ("code", "message", "verdict"),
    [
        ("THROTTLED", "Throttled", "THROTTLED"),
        ("", "Throttled", "THROTTLED"),
        ("ACCESS_DENIED", "Access denied", "UNAVAILABLE"),
        ("INTERNAL_SERVER_ERROR", "", "UNSURE"),
        ("MAX_COST_EXCEEDED", "", "REQUEST_WRONG"),
        ("undefinedField", "Field 'x' doesn't exist", "REQUEST_WRONG"),
    ],
)
def test_shopifys_errors(code: str, message: str, verdict: str) -> None:
    assert shopify_codes.graphql_rule(code, message).verdict == verdict


def test_shopifys_user_errors() -> None:
    left = shopify_codes.user_rule("Invalid fulfillment order line item quantity requested.")
    assert (left.verdict, left.reread) == ("ORDER_FORBIDS", True)
    for status in ("on_hold", "scheduled"):
        message = f"Fulfillment order 10 has an unfulfillable status= {status}."
        assert shopify_codes.user_rule(message).verdict == "HELD"
    assert shopify_codes.user_rule("Tracking number is too long").verdict == "REQUEST_WRONG"


def test_a_rule_is_raised_as_its_verdict_says() -> None:
    def kind(verdict: str, *, effect: bool, reread: bool = False) -> type[Exception]:
        return type(error(Rule(("1",), verdict, "caution", reread), "why", "1", "said", effect=effect))  # type: ignore[arg-type]

    assert [kind("UNSURE", effect=effect) for effect in (True, False)] == [Unsure, Unavailable]
    assert [kind("UNAVAILABLE", effect=effect) for effect in (True, False)] == [Unavailable, Unavailable]
    assert [kind("RETRYABLE", effect=effect, reread=True) for effect in (True, False)] == [Ambiguous, Refused]
    assert kind("NUMBER_WRONG", effect=True) is Refused
    assert [kind("HELD", effect=effect) for effect in (True, False)] == [Held, Unavailable]
    assert kind("HELD", effect=True, reread=True) is Ambiguous
    throttled = error(Rule(("1",), "THROTTLED", "caution"), "why", "1", "said", effect=True, wait_s=9)
    assert isinstance(throttled, Throttled)
    assert (throttled.wait_s, throttled.code) == (9, "1")


def test_a_code_has_one_rule() -> None:
    with pytest.raises(ValueError, match="'2' has two rules"):
        table(Rule(("1", "2"), "UNSURE", "caution"), Rule(("2",), "UNAVAILABLE", "caution"))


def test_words_are_one_short_line() -> None:
    assert words(("a\n b", None, "", 3)) == "a b 3"
    assert len(words(("x" * 1000,))) == 203
    assert words(("order 300000000001 to 13812345678",)) == "order 300000000001 to 138*****"


def test_an_error_says_the_platforms_code_and_keeps_its_words_apart() -> None:
    found = error(
        Rule(("B60",), "NUMBER_WRONG", "caution"), "taobao answered send", "isv.x:B60", "王小明 moved", effect=True
    )
    assert (str(found), found.code, found.said) == ("taobao answered send with isv.x:B60", "isv.x:B60", "王小明 moved")
    # Words where a code belongs are words.
    found = error(Rule(("",), "UNAVAILABLE", "caution"), "pdd answered send", "buyer 王小明 moved", "away", effect=True)
    assert (found.code, found.said) == ("", "buyer 王小明 moved away") and "王" not in str(found)
