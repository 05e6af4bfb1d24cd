"""What a product weighs, measures, costs, and needs."""

from .document import FORM

__all__ = ["FORM"]
