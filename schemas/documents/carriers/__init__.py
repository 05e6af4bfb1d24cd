"""Which carriers go from a warehouse to which regions, and what they take."""

from .document import FORM

__all__ = ["FORM"]
