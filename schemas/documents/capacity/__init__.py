"""What a warehouse takes a day, can do, and costs."""

from .document import FORM

__all__ = ["FORM"]
