"""Routing: which warehouses serve an order, and the trace of why."""
