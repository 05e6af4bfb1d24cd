"""How a decision names what it sends."""

from __future__ import annotations

from typing import Any

Named = tuple[str, Any]
"""A record with the name of its type: `("Reserved", {...})`."""
