"""The dedup stage as its contestants are written; ``tests/bench/peers.py`` starts them."""
