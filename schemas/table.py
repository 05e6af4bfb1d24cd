"""Tables whose headings are in the person's language, and which cut nothing off: what is too long goes on below."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.table import Table as RichTable

from schemas.texts import said

__all__ = ["Table"]


class Table(RichTable):
    """Rich's; a heading that is a string is turned."""

    def __init__(self, *headers: Any, title: Any = None, **options: Any) -> None:
        super().__init__(*headers, title=said(title) if isinstance(title, str) else title, **options)

    def add_column(self, header: RenderableType = "", *rest: Any, **options: Any) -> None:
        words = said(header) if isinstance(header, str) else header
        super().add_column(words, *rest, **{"overflow": "fold", **options})
