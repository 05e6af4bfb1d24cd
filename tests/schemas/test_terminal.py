"""Text from records is text: never markup, on one line, and nothing that a terminal would obey."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from schemas.terminal import Terminal, Text, plain, styled

HOSTILE = "[/x][red]\x1b[31m\x1b]0;t\x07\r\n\x9b1m\u202e\u2066\u200b\ufeff\u2028\\[bold]:smile:"
ROOT = Path(__file__).parents[2]
CODE = [path for room in ("streams", "connectors", "deploy", "schemas") for path in (ROOT / room).rglob("*.py")]


def printed(*things: object, **options: bool) -> str:
    out = io.StringIO()
    Terminal(file=out, width=200, **options).print(*things)
    return out.getvalue()


def table(cell: object) -> Table:
    found = Table("a", box=None, show_header=False)
    found.add_row(cell)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("make", [str, Text, table, lambda t: table(Text(t)), lambda t: styled("[red]{}[/]", t)])
def test_a_value_stays_what_it_is_and_nothing_is_obeyed(make: object) -> None:
    shown = printed(make(HOSTILE))  # type: ignore[operator]
    assert plain(HOSTILE) in shown
    assert not [c for c in shown if category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"]
    assert shown.count("\n") == 1


def test_a_terminal_shows_the_hubs_own_styles_alone() -> None:
    shown = printed(styled("[red]{}[/] {:,}", "[bold]\x1b[32mx", 1234), force_terminal=True)
    assert shown.count("\x1b[31m") == 1 and "\x1b[32m" not in shown and "\x1b[1m" not in shown
    assert "[bold]\\u001b[32mx" in shown and "1,234" in shown


def test_fields_and_values_of_a_template_are_as_many() -> None:
    with pytest.raises(ValueError, match="has 1 fields, and 2 values are given"):
        styled("{}", 1, 2)


@given(st.text())
def test_plain_text_is_printable_and_plain_already(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    assert all(c.isprintable() or category(c) == "Zs" for c in shown)


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_plain_json_is_the_same_value(value: object) -> None:
    assert json.loads(plain(json.dumps(value, ensure_ascii=False))) == value


def test_nobody_goes_past_it() -> None:
    """Rich's console and text are used in one module; its markup nowhere else; a template is a literal; what is printed bare is listed."""
    assert not [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in CODE
        for line, what in past(path.read_text("utf-8"), path)
    ]


@pytest.mark.parametrize(
    "planted",
    [
        "from rich.console import Console",
        "from rich.text import Text",
        "from rich.markup import escape",
        "import rich",
        "from rich import print",
        "out.print(x, markup=True)",
        "Text.from_markup(x)",
        "styled(f'[bold]{x}[/]')",
        "styled(x)",
        "print(record)",
        "typer.echo(record)",
        "sys.stdout.write(record)",
        "out.out(record)",
        "Text('no differences')",
        "Text(f'{count:,} differ' if count else 'all agree', 'red')",
        "table.add_row('all', *sums)",
        "Progress(TextColumn('Verifying'))",
    ],
)
def test_the_guard_sees_who_does(planted: str) -> None:
    assert list(past(planted, ROOT / "streams/cli/new.py"))


#: Modules whose bare print() has none of a record's text: tools that print what they make themselves, or say it through `plain`.
BARE = {
    "streams/cli/common.py": "JSON and TOML, through plain",
    "streams/cli/look.py": "the topology",
    "streams/verify/__main__.py": "JSON, through plain",
    "connectors/generator/fit.py": "figures",
    "connectors/generator/retail_csv.py": "figures",
    "deploy/alertmanager/__main__.py": "a file it made",
    "deploy/grafana/__main__.py": "a path",
    "deploy/local/__main__.py": "an address",
    "deploy/requirements/lock.py": "files of its own, and how many packages",
    "deploy/wheel.py": "a path, and sentences",
    "schemas/generate.py": "a sentence",
}


def past(code: str, path: Path) -> Iterator[tuple[int, str]]:
    """(line, what) of whatever could print a record's text as it is."""
    name = path.relative_to(ROOT).as_posix()
    if name == "schemas/terminal.py":
        return
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names) if any(n.name.partition(".")[0] == "rich" for n in names):
                yield node.lineno, "import rich"
            case ast.ImportFrom(module="rich" | "rich.text" | "rich.markup" | "rich.prompt" | "rich.panel" as module):
                yield node.lineno, f"from {module}"
            case ast.ImportFrom(module="rich.console", names=names) if any(n.name == "Console" for n in names):
                yield node.lineno, "Console"
            case ast.keyword(arg="markup" | "emoji"):
                yield node.value.lineno, f"{node.arg}="
            case ast.Attribute(attr="from_markup" | "from_ansi" | "echo" | "secho" | "out" | "print_exception"):
                yield node.lineno, node.attr
            case ast.Attribute(attr="write", value=ast.Attribute(attr="stdout" | "stderr")):
                yield node.lineno, "write"
            case ast.Call(func=ast.Name(id="styled"), args=[first, *_]) if not isinstance(first, ast.Constant):
                yield node.lineno, "a template that is no literal"
            case ast.Call(func=ast.Name(id="print")) if name not in BARE:
                yield node.lineno, "print()"
            case ast.Call(func=ast.Name(id="Text" | "TextColumn"), args=[shown, *_]) if own_words(shown):
                yield node.lineno, "words of the hub's own in one language"
            case ast.Call(func=ast.Attribute(attr="add_row"), args=cells) if any(map(own_words, cells)):
                yield node.lineno, "words of the hub's own in one language"


def own_words(shown: ast.expr) -> bool:
    """Whether it is a text of the hub's own that has not gone through `said` or `word`; fields and paths are none."""
    match shown:
        case ast.Constant(value=str(text)):
            return re.search(r"[A-Za-z]{2,}", re.sub(r"\{.*?\}|/\S+", "", text)) is not None
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
            return any(map(own_words, parts))
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return own_words(one) or own_words(other)
        case ast.Starred(value=ast.Tuple(elts=parts)):
            return any(map(own_words, parts))
    return False
