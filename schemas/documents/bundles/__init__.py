"""Documents of combined goods: what each is shipped as."""

from .document import FORM

__all__ = ["FORM"]
