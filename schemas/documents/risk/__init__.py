"""Documents of risk: what a signal weighs, from where on something is many, and who is on a list until when."""

from .document import FORM

__all__ = ["FORM"]
