"""What may be sold of a SKU before it is there."""

from .document import FORM

__all__ = ["FORM"]
