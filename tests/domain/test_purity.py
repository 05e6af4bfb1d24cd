"""The domain decides from what it is given: it reads no clock, draws no lots and opens no file."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "streams" / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

FORBIDDEN_MODULES = frozenset(
    ("asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "tempfile")
) | {"threading", "time", "urllib", "uuid"}
FORBIDDEN_CALLS = frozenset(("now", "utcnow", "today", "urandom", "uuid1", "uuid4"))
FORBIDDEN_NAMES = frozenset(("open", "input", "print", "exec", "eval", "__import__", "hash", "id"))


def impurities(source: str, package: str = "streams.domain") -> Iterator[str]:
    """Everything in a module's text that a pure module may not have."""
    for node in ast.walk(ast.parse(source)):
        for name in imported(node, package):
            top = name.split(".")[0]
            ours = top == "schemas" or name == "streams.domain" or name.startswith("streams.domain.")
            if not ours and top not in sys.stdlib_module_names:
                yield f"line {node.lineno}: imports {name}"
            if top in FORBIDDEN_MODULES:
                yield f"line {node.lineno}: imports {name}"
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: calls .{called.attr}()"
            if isinstance(called, ast.Name) and called.id in FORBIDDEN_NAMES:
                yield f"line {node.lineno}: calls {called.id}()"
        # The order of a set of strings differs from one process to the next.
        iterated = [node.iter] if isinstance(node, ast.For | ast.comprehension) else []
        for each in iterated:
            if is_set(each):
                yield f"line {each.lineno}: iterates over a set"


def imported(node: ast.AST, package: str) -> list[str]:
    """The full names of the modules a statement imports; relative ones resolved against the package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if not node.level:
            return [node.module or ""]
        parents = package.split(".")
        base = ".".join(parents[: len(parents) - node.level + 1])
        return [f"{base}.{node.module}" if node.module else base]
    return []


def is_set(node: ast.AST) -> bool:
    """Whether an expression is a set on its face."""
    called = node.func if isinstance(node, ast.Call) else None
    by_name = isinstance(called, ast.Name) and called.id in ("set", "frozenset")
    return by_name or isinstance(node, ast.Set | ast.SetComp)


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(DOMAIN)) for path in MODULES])
def test_every_module_of_the_domain_is_pure(path: Path) -> None:
    package = ".".join(("streams", "domain", *path.relative_to(DOMAIN).parent.parts))

    assert list(impurities(path.read_text(encoding="utf-8"), package)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from random import choice",
        "import uuid",
        "import fastavro",
        "from streams.engine import table",
        "from ..agents import intake",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "open('x')",
        "for each in {1, 2}: pass",
        "[each for each in set('ab')]",
    ],
)
def test_what_is_not_pure_is_noticed(source: str) -> None:
    assert list(impurities(source))


@pytest.mark.parametrize(
    "source",
    [
        "from schemas.records import Stock",
        "from .stock import sellable",
        "from streams.domain.inventory.stock import sellable",
        "import json, math, datetime",
        "from . import stock",
        "'a' in {'a', 'b'}",
    ],
)
def test_what_is_pure_is_let_be(source: str) -> None:
    assert not list(impurities(source))
