"""Inventory: the balance of one SKU, what is reserved of it, and who waits for it."""
