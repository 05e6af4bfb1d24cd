"""Commands that are imported when they are run: none waits for what the others need, and the list of them for nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import typer
from typer._click.core import Command, Context
from typer.core import TyperGroup

from streams.cli.common import while_heard


def later(place: str, cls: str = "") -> Callable[[], None]:
    """Stands for the function at ``place``, ``module.function`` of this package, in a group of the class ``Later``.

    ``cls``: the class of its command, by its name in the same module; Typer's own when left out.
    """

    def stand_in() -> None:
        raise AssertionError(f"{place} has not taken its place")

    stand_in.__dict__.update(place=place, cls=cls)
    return stand_in


class Later(TyperGroup):
    """A group whose commands are stand-ins until one is run or its help is shown. What a list says of them is read from their source."""

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None and not command.help:
            command.help = _docstring(_Place.of(command))
        return command

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not isinstance(command, TyperGroup):
            place = _Place.of(command)
            module = import_module(place.module)
            alone = typer.Typer(add_completion=False, rich_markup_mode=self.rich_markup_mode)
            alone.command(name, cls=getattr(module, place.cls) if place.cls else None)(getattr(module, place.function))
            command = typer.main.get_command(alone)
        return name, command, rest

    def make_context(self, *args: Any, **extra: Any) -> Context:
        # Help and the version are shown here.
        with while_heard():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Context) -> Any:
        with while_heard():
            return super().invoke(ctx)


class _Place(NamedTuple):
    """Where what a stand-in stands for is to be found."""

    module: str
    function: str
    cls: str

    @staticmethod
    def of(command: Command) -> _Place:
        stand_in: Any = command.callback
        module, _, function = stand_in.place.partition(".")
        return _Place(f"{__package__}.{module}", function, stand_in.cls)


def _docstring(place: _Place) -> str:
    spec = find_spec(place.module)
    assert spec is not None and spec.origin is not None
    with open(spec.origin, encoding="utf-8") as source:
        found = {node.name: node for node in ast.parse(source.read()).body if isinstance(node, ast.FunctionDef)}
    return ast.get_docstring(found[place.function]) or ""
