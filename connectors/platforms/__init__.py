"""Clients of the platforms' APIs: signing, calling, reading their errors. One module a platform; ``base.py`` is the contract."""

from .client import client

__all__ = ["client"]
