"""The folder's page: its document can be applied, its commands are there, its table and its links are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connectors.channels.stock.clients import CLIENTS
from schemas.documents.kinds import drafted
from streams.aside.config.lints import Surroundings, lint
from streams.cli.main import app
from streams.domain.listing.documents import NEEDED, places

PAGE = Path(__file__).parents[4] / "connectors/channels/stock/README.md"
TEXT = PAGE.read_text("utf-8")
NOTHING = Surroundings((), {}, {})


def document() -> str:
    (found,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def test_its_document_can_be_applied() -> None:
    form, draft = drafted(document())
    assert form is not None and lint(form.kind, draft, NOTHING) == []
    shopify, taobao = (place for _, place in places(draft.document))
    assert (shopify["place"], shopify["close_at"], shopify["open_at"], shopify["cap"]) == (
        "shopify/shopify-home/430000000001//710000000001",
        2,
        5,
        None,
    )
    assert (taobao["share"], taobao["buffer"], taobao["cap"], taobao["held"]) == (5_000, 3, 50, True)


@pytest.mark.parametrize("line", re.findall(r"^    penstock (.+)$", TEXT, re.MULTILINE))
def test_its_commands_are_there(line: str) -> None:
    words = line.partition("#")[0].split()
    options = [word for word in words if word.startswith("--")]
    command, group = [], typer.main.get_command(app)
    for word in words:
        if not isinstance(getattr(group, "commands", None), dict) or word not in group.commands:  # type: ignore[attr-defined]
            break
        command.append(word)
        group = group.commands[word]  # type: ignore[attr-defined]
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"}).output
    assert command
    assert [option for option in options if option not in shown] == []


def test_its_table_has_what_documents_ask_for() -> None:
    rows = dict(re.findall(r"^\| (\w+)[^|]* (\|.*\|)$", TEXT, re.MULTILINE))
    named = {"taobao": "Taobao", "jd": "JD", "pdd": "Pinduoduo", "douyin": "Douyin", "shopify": "Shopify"}
    assert set(named) == set(CLIENTS) == set(NEEDED)
    for channel, fields in NEEDED.items():
        cells = dict(zip(("item", "variant", "location"), rows[named[channel]].strip("|").split("|"), strict=True))
        assert all(cells[field].strip() for field in fields), channel


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / link).exists(), link


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        (('shopify"', 'shopee"'), ("shops", 0, "channel"), "is no channel"),
        (("430000000001", "gid://shopify/InventoryItem/1"), ("shops", 0, "items", 0, "item"), "is no number"),
        (('location = "710000000001"', ""), ("shops", 0, "items", 0, "location"), "is missing"),
        (("open_at = 5", "open_at = 2"), ("shops", 0, "open_at"), "is not above close_at"),
        (("location =", "held = true\nlocation ="), ("shops", 0, "items", 0, "sku"), "is held"),
        (("share = 5000", 'share = 5000\nwarehouses = ["HZ9"]'), ("shops", 1, "warehouses", 0), "is no warehouse"),
        (("buffer = 3", "buffer = -3"), ("shops", 1, "buffer"), ""),
        (("cap = 50", "colour = 1"), ("shops", 1, "items", 0, "colour"), ""),
    ],
)
def test_what_is_wrong_with_a_document_names_its_place_and_the_fix(
    change: tuple[str, str], path: tuple[str | int, ...], says: str
) -> None:
    form, draft = drafted(document().replace(*change, 1))
    assert form is not None
    found = {fault.path: fault.says for fault in lint(form.kind, draft, NOTHING)}
    assert path in found and says in found[path], found


def test_the_same_ids_twice_and_in_two_documents() -> None:
    twice = document().replace(
        "cap = 50", '[[shops.items]]\nsku = "TS-BLUE"\nitem = "600000000001"\nvariant = "510000000001"'
    )
    form, draft = drafted(twice)
    assert form is not None
    (fault,) = lint(form.kind, draft, NOTHING)
    assert "has the same ids as shops[1].items[0]" in fault.says
    _, draft = drafted(document())
    others = NOTHING._replace(documents={"listings/others": draft.document})
    assert len(lint(form.kind, drafted(document())[1], others)) == 2
