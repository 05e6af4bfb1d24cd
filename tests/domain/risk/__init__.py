"""Risk: tested."""
