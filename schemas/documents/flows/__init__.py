"""Documents of flows: what happens to an order, event by event, as a merchant draws it."""

from .document import FORM

__all__ = ["FORM"]
