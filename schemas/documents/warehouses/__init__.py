"""Documents of warehouses: where each stands, and what it can carry."""

from .document import FORM

__all__ = ["FORM"]
