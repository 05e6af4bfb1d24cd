"""JSON text to values and back, fast: platforms' payloads in, compact text for fingerprints out."""

from collections.abc import Callable
from typing import Any

import msgspec


class NotJson(ValueError):
    """The bytes are no JSON text in UTF-8, or hold what no encoder takes (half a surrogate pair, NaN)."""


def parser(fraction: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A function from bytes to values; numbers with a fraction or an exponent are what ``fraction`` makes of their text.

    It raises NotJson, and RecursionError for deep nesting.
    """
    decode = msgspec.json.Decoder(float_hook=fraction).decode

    def parse(data: bytes) -> Any:
        try:
            return decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise NotJson(str(error)) from error

    return parse


#: Values to JSON without blanks, in UTF-8: as ``json.dumps(value, ensure_ascii=False, separators=(",", ":"))`` writes it.
compact: Callable[[Any], bytes] = msgspec.json.Encoder().encode
