"""What the code says to people, read from its source: every template with where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]

#: Calls whose texts are for machines, logs and programmers.
_NOT_FOR_PEOPLE = re.compile(
    r"(^|\.)(_?log(ger)?\.\w+|debug|info|warning|error|exception|critical|log|compile|sub|search|match|fullmatch|findall|finditer"
    r"|execute|executemany|fetch|fetchrow|fetchval|prepare|Counter|Gauge|Histogram|Summary|AssertionError|getLogger|TypeVar|Metric|declared)$"
)
#: Where a single word is a person's too: headings, and what is turned by itself.
_SHOWS = re.compile(r"(^|\.)(print|Table|add_column|said|word|planned|confirmed|confirm|styled)$")


#: Of databases, and of GraphQL.
_SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE) |\s*(query|mutation) \w+\(|.*\bpageInfo "
    r"|.*\b(SELECT|WHERE|EXISTS|CUT|ANY|CREATE TABLE|make_interval)\b"
    r"|\(?[a-z]\.\w+ (=|<>|IN|NOT IN|\|\|) |concat\(",
    re.DOTALL,
)
#: Of a log.
_LOGGED = re.compile(r"%(s|d|\.\df)")
#: Columns of a table.
_NAMES = re.compile(r"\w+(, \w+)*")


class Found(NamedTuple):
    template: str
    where: str


def texts(path: Path) -> Iterator[Found]:
    """Of one file."""
    tree = ast.parse(path.read_text("utf-8"))
    where = str(path.relative_to(ROOT))
    skipped: set[int] = set()
    shown: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node
        ):
            skipped.add(id(node.body[0].value))  # type: ignore[attr-defined]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if _NOT_FOR_PEOPLE.search(name):
                skipped |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
            if _SHOWS.search(name):
                shown |= {id(argument) for argument in node.args}
            shown |= {id(each.value) for each in node.keywords if each.arg == "help"}
            # What is asked about, compared, or a key.
            if name.endswith(
                (".startswith", ".endswith", ".split", ".partition", ".replace", ".removeprefix", ".get", ".encode")
            ):
                skipped |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
        if (
            isinstance(node, ast.For)
            and isinstance(node.iter, ast.Tuple)
            and "add_column(" in ast.unparse(node.body[0])
        ):
            shown |= {id(heading) for heading in node.iter.elts}
        if isinstance(node, (ast.Compare, ast.Assert)):
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Subscript):
            skipped.add(id(node.slice))
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)):
            continue
        made = (
            _templates(node, skipped)
            if isinstance(node, (ast.JoinedStr, ast.BinOp)) or isinstance(node.value, str)
            else None
        )
        for parts in made or ():
            template = _numbered(parts)
            words = re.findall(r"[A-Za-z][a-z']+", re.sub(r"\{\d+\}|\[/?[a-z ]*\]", " ", template))
            least = 1 if id(node) in shown else 3
            if _SQL.match(template) or _LOGGED.search(template) or (least > 1 and _NAMES.fullmatch(template)):
                continue
            if len(words) >= least and (" " in template or least == 1):
                # Where it follows another, it is turned by itself.
                yield Found(template.strip().lstrip(",;: "), f"{where}:{node.lineno}")


_Parts = tuple[str | None, ...]


def _templates(node: ast.expr, taken: set[int]) -> list[_Parts] | None:
    """Every form of the text: literals, and None for a field. ``taken``: nodes that belong to it are no texts of their own."""
    if isinstance(node, ast.Constant):
        return [(node.value,)] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        taken |= {id(value) for value in node.values}
        return [
            sum(chosen, ()) for chosen in product(*(_templates(value, taken) or [(None,)] for value in node.values))
        ]
    if isinstance(node, ast.FormattedValue):
        return _templates(node.value, taken) if not isinstance(node.value, ast.BinOp) else [(None,)]
    if isinstance(node, ast.IfExp):
        both = [_templates(node.body, taken), _templates(node.orelse, taken)]
        if all(both):
            taken |= {id(node.body), id(node.orelse)}
            return [*(both[0] or ()), *(both[1] or ())]
        return [(None,)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        both = [_templates(node.left, taken), _templates(node.right, taken)]
        if both == [None, None]:
            return None
        taken |= {id(node.left), id(node.right)}
        return [a + b for a, b in product(both[0] or [(None,)], both[1] or [(None,)])]
    return None


def _numbered(parts: _Parts) -> str:
    count, text = 0, ""
    for part in parts:
        count += part is None
        text += f"{{{count}}}" if part is None else part
    return text


def helps() -> Iterator[Found]:
    """What commands are said to do: their docstrings, paragraph by paragraph."""
    places = re.findall(r'later\("(\w+)\.(\w+)"', (ROOT / "streams/cli/main.py").read_text("utf-8"))
    for module, function in places:
        path = ROOT / f"streams/cli/{module}.py"
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                    yield Found(" ".join(paragraph.split()), f"streams/cli/{module}.py:{node.lineno}")
