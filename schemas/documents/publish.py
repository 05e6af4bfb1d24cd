"""The kinds' JSON Schemas, made of their types: ``python -m schemas.documents.publish`` writes ``KIND/KIND.schema.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from .form import Form
from .kinds import KINDS


def published(form: Form[Any]) -> Path:
    """Where the schema of a kind stands."""
    return Path(__file__).with_name(form.kind) / f"{form.kind}.schema.json"


def text(form: Form[Any]) -> str:
    """The schema as it is published (JSON Schema 2020-12)."""
    made = msgspec.json.schema(form.type)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{form.kind} {form.version}"}
    return json.dumps({**head, **made}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for each in KINDS.values():
        published(each).write_text(text(each), "utf-8")
