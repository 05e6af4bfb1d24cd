"""What has stayed English in what a person reads in Chinese."""

from __future__ import annotations

import re

#: Commands to type stay as they are.
_TYPED = re.compile(r"penstock( [a-z-]+)*")
_ENGLISH = re.compile(r"\b[A-Za-z][a-z']+(?: [a-z][a-z']+){2,}")


def english(said: str) -> list[str]:
    """Three words one after another: sentences, and no name or code."""
    return _ENGLISH.findall(_TYPED.sub("", said))
