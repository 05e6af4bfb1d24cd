"""What is written for readers: its fenced blocks are taken by what they are for, its links lead somewhere, its first page says in two
languages the same. A block that nothing runs fails here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors import shops
from streams.monitor.interfaces import interfaces
from streams.settings import Settings
from tests.handbook import IN_CHINESE, ONE_PAGE, PAGES, ROOT, text

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", text(), re.MULTILINE | re.DOTALL)
#: A page is read in one sitting.
LINES_MAX = 150
TOML = [text for kind, text in BLOCKS if kind == "toml"]
#: Blocks of a kind -> where each of them is run. Outputs (`text`) and the generated diagram are nobody's to type.
RUN = {
    "bash": ("tests/integration/test_hands_by_http.py",),
    "java": ("tests/deploy/test_client_examples.py",),
    "json": ("tests/integration/test_hands_in_bulk.py",),
    "python": ("tests/connectors/channels/test_readme.py",),
}


def test_nothing_in_it_is_a_fragment_that_nobody_runs() -> None:
    kinds = Counter(kind for kind, _ in BLOCKS if kind not in ("text", "mermaid", "toml"))
    assert kinds == {kind: len(places) for kind, places in RUN.items()}, "name in RUN the test that runs it"
    for kind, places in RUN.items():
        for place in places:
            assert f"```{kind}" in (ROOT / place).read_text("utf-8") or f'"{kind}"' in (ROOT / place).read_text("utf-8")


@pytest.mark.parametrize("text", TOML, ids=lambda text: text.splitlines()[0])
def test_a_file_of_settings_is_read_as_it_stands_there(text: str, tmp_path: Path) -> None:
    (kind,) = tomllib.loads(text)
    secret = tmp_path / "shopify-token"
    secret.write_text("a-token-of-a-real-length-0123456789")
    file = tmp_path / "settings.toml"
    # Of what is the reader's own: where the secret is kept.
    file.write_text(text.replace("/run/secrets/shopify-token", str(secret)), "utf-8")
    for each in (file, secret):
        os.chmod(each, 0o600)
    if kind == "interface":
        settings = Settings(brokers="127.0.0.1:1", data=tmp_path, interfaces=file)
        (entry,) = tomllib.loads(text)["interface"]
        assert entry["name"] in {each.name for each in interfaces(settings).all}
        return
    secrets = {"SHOPIFY_SECRET": "0123456789abcdef0123456789", "HZ_WMS_SECRET": "0123456789abcdef0123456789"}
    found = shops.load(file, secrets)
    assert len(found.shops) + len(found.warehouse_systems) == 1


def test_there_are_files_of_settings() -> None:
    assert {next(iter(tomllib.loads(text))) for text in TOML} == {"shop", "warehouse_system", "interface"}


@pytest.mark.parametrize("page", [*PAGES, IN_CHINESE], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    linked = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    lost = [
        each for each in linked if not urlsplit(each).scheme and not (page.parent / each.partition("#")[0]).exists()
    ]
    assert linked and not lost


@pytest.mark.parametrize("page", [ONE_PAGE, IN_CHINESE], ids=lambda page: page.name)
def test_the_first_page_is_one_page(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) <= LINES_MAX


def test_the_first_page_says_the_same_in_both_languages() -> None:
    english, chinese = (page.read_text("utf-8") for page in (ONE_PAGE, IN_CHINESE))
    # Pictures are in the page's language.
    chinese = chinese.replace("-zh.jpg)", ".jpg)")
    for what, pattern in {
        "headings": r"^(#+) ",
        "what is typed": r"^(    [^\n]*)$",
        "blocks": r"^```(?:text|toml|json|bash)\n(.*?)^```",
        "rows of tables": r"^(\|)",
        "names": r"`([^`\n]+)`",
        "links": r"\]\((?!README)([^)\s]+)\)",
        "figures": r"(?<![\w.,])(\d[\d,.]*\d|\d)(?![\w])",
    }.items():
        said, told = (Counter(re.findall(pattern, page, re.MULTILINE | re.DOTALL)) for page in (english, chinese))
        assert said == told, what
