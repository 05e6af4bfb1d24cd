"""Which regions warehouses serve, and which are remote or blocked."""

from .document import FORM

__all__ = ["FORM"]
