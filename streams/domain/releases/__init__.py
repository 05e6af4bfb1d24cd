"""Releases of documents that a merchant writes: which version decides an order, how a version moves on, and when it is rolled back."""
