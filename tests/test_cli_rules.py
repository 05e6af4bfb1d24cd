"""``penstock rules``: what a person sees of rule documents, without a broker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from schemas.documents.rules.builtin import examples
from streams.aside.facts import NoFacts
from streams.cli.common import Refused
from streams.cli.main import app
from tests.domain.routing.rules.test_lint import DEFAULT, HEAD, JD, ONE_FAULT, strategy, when

ROOT = Path(__file__).parents[1]
CASE, FOLDER = str(ROOT / "deploy/examples/rules/case.toml"), ROOT / "schemas/documents/rules/examples"


def typed(*args: str, **env: str) -> tuple[int, str]:
    result = CliRunner(env={"NO_COLOR": "1", "PENSTOCK_LANG": "en", **env}).invoke(app, ["rules", *args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def bad(tmp_path: Path) -> str:
    file = tmp_path / "bad.toml"
    conditions = when('{ field = "chanel", in = ["jd"] }', '{ field = "pieces", at_least = "3" }')
    file.write_text(HEAD + strategy(conditions) + DEFAULT, "utf-8")
    return str(file)


def test_lint_says_every_fault_with_its_line(bad: str) -> None:
    code, text = typed("lint", bad)
    assert code == 1
    assert text.splitlines() == [
        f'{bad}:5: $.strategies[0].when[0].field = "chanel": is no fact of an order: did you mean channel?',
        f'{bad}:5: $.strategies[0].when[1].at_least = "3": is text: write a whole number, without quotes',
    ]
    code, text = typed("lint", bad, PENSTOCK_LANG="zh")
    assert "订单没有这个字段：是不是 channel？" in text


def test_lint_for_machines(bad: str) -> None:
    code, text = typed("lint", bad, "--json")
    (found,) = json.loads(text)
    assert (code, found["digest"], [each["line"] for each in found["faults"]]) == (1, None, [5, 5])
    code, text = typed("lint", str(FOLDER / "shopify.toml"), "--json")
    assert code == 0 and len(json.loads(text)[0]["digest"]) == 64


def test_lint_looks_at_each_of_several(bad: str) -> None:
    sound = str(FOLDER / "shopify.toml")
    code, text = typed("lint", sound, bad)
    assert code == 1 and f"no fault is in {sound}" in text and f"{bad}:5:" in text
    code, text = typed("lint", bad, sound, "--json")
    assert code == 1 and [(each["file"], bool(each["faults"])) for each in json.loads(text)] == [
        (bad, True),
        (sound, False),
    ]


def test_lint_knows_which_warehouses_there_are() -> None:
    file = str(FOLDER / "shopify.toml")
    assert typed("lint", file, "--warehouse", "SH1", "--warehouse", "GZ1", "--warehouse", "HZ1")[0] == 0
    code, text = typed("lint", file, "--warehouse", "SH1", "--warehouse", "GZ1")
    assert code == 1 and '"HZ1": is no warehouse that is set up' in text


def test_what_has_faults_is_neither_shown_nor_tried(bad: str) -> None:
    for args in (("show", bad), ("try", bad, "--order", CASE)):
        with pytest.raises(Refused, match=r"has 2 faults, line 5: .*penstock rules lint"):
            typed(*args)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [*examples()])
def test_show_says_all_of_it_in_plain_words(name: str, language: str) -> None:
    code, text = typed("show", str(FOLDER / f"{name}.toml"), PENSTOCK_LANG=language)
    assert code == 0
    told = {
        "hotwax": "3 pieces of every SKU stay on each shelf|只用距收件人 800,000 米以内的仓库",
        "shopify": "order of warehouses SH1 > GZ1 > HZ1|仓库顺序 SH1 > GZ1 > HZ1",
        "fluent": "distance [300,000 | 800,000 | 1,500,000], open pieces left|距离 [300,000 | 800,000 | 1,500,000], 剩余产能",
        "wangdian": "freight of the whole order, distance|整单运费, 距离",
        "wanliniu": "receiver's province is one of 浙江, 江苏, 上海, 安徽: HZ1, SH1|收件省 是其中之一：浙江, 江苏, 上海, 安徽: HZ1, SH1",
    }
    # A bar may stand in the text itself.
    assert any(part in text for part in told[name].replace(" | ", "\0").split("|")) or "300,000 | 800,000" in text
    if language == "zh":
        body = text.split("\n", 1)[1]
        assert not [line for line in body.splitlines() if "warehouses" in line or " is " in line]


def test_try_shows_why_not_for_every_warehouse() -> None:
    code, text = typed("try", str(FOLDER / "hotwax.toml"), "--order", CASE, COLUMNS="80")
    assert code == 0
    assert text.splitlines()[:3] == ["one parcel from near by could send only a part", *text.splitlines()[1:3]]
    for said in (
        "it is 1,003,900 m away, and 800,000 m is the limit",
        "it is disabled",
        "1 x MUG from SH1",
        "2 x TS-RED from HZ1",
    ):
        assert said in text, said
    assert all(cell_len(line) <= 140 for line in text.splitlines())


def test_try_for_machines_has_the_whole_trace() -> None:
    code, text = typed("try", str(FOLDER / "shopify.toml"), "--order", CASE, "--json")
    found = json.loads(text)
    assert code == 0 and found["outcome"] == "allocated"
    (attempt,) = found["attempts"]
    assert [each["warehouse"] for each in attempt["warehouses"]] == ["HZ1", "SH1", "GZ1", "CD1"]
    assert all("scores" in each or "refused" in each for each in attempt["warehouses"])
    assert (attempt["chosen"], attempt["runner_up"], attempt["margin"]) == (
        ["SH1"],
        "GZ1",
        {"by": "sequence", "difference": 1},
    )


def test_a_case_with_faults_says_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(
        '[order]\nlines = [{ sku = "A", quantity = "2" }]\n[[warehouses]]\ncode = "HZ1"\nstock = 3\n', "utf-8"
    )
    with pytest.raises(Refused, match="has 3 faults"):
        typed("try", str(FOLDER / "shopify.toml"), "--order", str(file))
    for text, says in (
        ('now = "noon"\n', "now is 'noon': write a time with its offset"),
        ('[[warehouses]]\ncode = "HZ1"\nprovince = "Nowhere"\n', "is no place that is known: write its province"),
    ):
        rest = "" if "warehouses" in text else "warehouses = []\n"
        order = '[order]\nlines = [{ sku = "A", quantity = 2 }]\n'
        file.write_text(f"{text}{rest}{order}" if rest else f"{order}{text}", "utf-8")
        with pytest.raises(NoFacts, match=says):
            typed("try", str(FOLDER / "shopify.toml"), "--order", str(file))


def test_fields_are_listed_in_both_languages() -> None:
    assert "receiver's province" in typed("fields")[1] and "收件省" in typed("fields", PENSTOCK_LANG="zh")[1]
    assert "config.carbon" not in typed("fields")[1] and "lacks config.carbon" in typed("fields", "--all")[1]
    found = json.loads(typed("fields", "--all", "--json")[1])
    assert {each["name"]: each["offered"] for each in found if each["kind"] == "criterion"}["carbon"] is False


def test_whatever_is_wrong_is_said_in_chinese_too(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    for text, _ in ONE_FAULT.values():
        file.write_text(text, "utf-8")
        _, said = typed("lint", str(file), PENSTOCK_LANG="zh")
        says = said.replace(JD, "").rsplit(": ", 1)[-1]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in says), said


DEMO = [str(ROOT / "deploy/examples/rules" / name) for name in ("demo.toml", "demo-case.toml")]
TABLES = str(ROOT / "deploy/examples/config")


def test_try_with_tables_shows_carrier_freight_and_arrival_of_each_warehouse() -> None:
    """Monday, 19:00: wh1 hands over to ZTO at that very minute, and needs two hours before it can; the next is 24 hours later."""
    args = ("try", DEMO[0], "--order", DEMO[1], "--config", TABLES)
    code, text = typed(*args, COLUMNS="80")
    assert code == 0 and all(
        cell_len(line) <= 80 for line in text.splitlines() if line.startswith(("wh1", "bj1", "warehouse"))
    )
    assert "parcel from wh1 by ZTO: 3 pieces, freight 500, arrives in 3d 0:00" in text
    code, text = typed(*args, "--json")
    found = json.loads(text)
    by_code = {each["warehouse"]: each for each in found["sending"]["warehouses"]}
    assert by_code["wh1"] == {
        **{
            "warehouse": "wh1",
            "carrier": "ZTO",
            "freight": 500,
            "leaves": 1_440,
            "arrives": 3 * 1_440,
            "why": [],
            "mark": "",
        }
    }
    assert (by_code["sy1"]["carrier"], by_code["sy1"]["arrives"]) == ("ZTO", 1_290 + 4 * 1_440)
    assert found["sending"]["parcels"] == [{**by_code["wh1"], "pieces": 3}]
    assert sorted(found["versions"]) == [
        f"config.{kind}/demo" for kind in sorted(path.stem for path in Path(TABLES).iterdir())
    ]
    code, text = typed(*args, PENSTOCK_LANG="zh")
    assert "wh1 的包裹由 ZTO 发：3 件，运费 500，3d 0:00 后到" in text


def test_try_says_why_a_figure_is_not_known(tmp_path: Path) -> None:
    for kind in ("carriers", "calendars"):
        (tmp_path / f"{kind}.toml").write_text((Path(TABLES) / f"{kind}.toml").read_text("utf-8"), "utf-8")
    args = ("try", DEMO[0], "--order", DEMO[1], "--config", str(tmp_path))
    code, text = typed(*args, COLUMNS="200")
    assert code == 0 and "the weight of a product is not known" in text
    assert "it does not serve the receiver's region" in text


def test_tables_with_faults_are_all_told_and_nothing_is_tried(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no folder"):
        typed("try", DEMO[0], "--order", DEMO[1], "--config", str(tmp_path / "none"))
    with pytest.raises(Refused, match="has no document of a table"):
        typed("try", DEMO[0], "--order", DEMO[1], "--config", str(tmp_path))
    head = 'version = 1\nname = "x"\n'
    row = '[[transit]]\nwarehouse = "hz1"\ncarrier = "SF"\nregions = ["火星"]\n'
    (tmp_path / "a.toml").write_text(f'kind = "transit"\n{head}{row}', "utf-8")
    (tmp_path / "b.toml").write_text(f'kind = "tranzit"\n{head}', "utf-8")
    (tmp_path / "c.json").write_text("{", "utf-8")
    with pytest.raises(Refused, match="has 4 faults: put them right"):
        typed("try", DEMO[0], "--order", DEMO[1], "--config", str(tmp_path))
