"""When warehouses work, and when parcels leave them."""

from .document import FORM

__all__ = ["FORM"]
