"""What a process serves over HTTP."""

from __future__ import annotations

import urllib.request


def page(port: int, path: str) -> str:
    """Such as ``/metrics``, or ``/ready`` when it is; empty: nothing, or not yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
