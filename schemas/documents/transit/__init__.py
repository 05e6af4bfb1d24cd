"""How long carriers take."""

from .document import FORM

__all__ = ["FORM"]
