"""Rules that a merchant writes: linted, compiled once per version, and asked which warehouses serve an order."""
