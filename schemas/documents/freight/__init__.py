"""What carriers take for a parcel."""

from .document import FORM

__all__ = ["FORM"]
