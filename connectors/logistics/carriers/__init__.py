"""The carrier dictionary: which carriers there are, what each platform calls them, and what their numbers look like.

The data are a TOML file with a version and a date, beside this package; a newer one in ``PENSTOCK_DATA/carriers`` takes its place
(``penstock carriers update FILE``). ``model`` is what it says, ``reading`` checks it line by line, ``numbers`` cleans and judges numbers,
``store`` keeps versions.
"""

from .model import Carrier, Carriers
from .numbers import Checked, check, normalise
from .reading import InvalidCarriers, parse
from .store import current, packaged

__all__ = [
    "Carrier",
    "Carriers",
    "Checked",
    "InvalidCarriers",
    "check",
    "current",
    "normalise",
    "packaged",
    "parse",
]
