"""Which shops show which SKU's stock."""

from .document import FORM

__all__ = ["FORM"]
