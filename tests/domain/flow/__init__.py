"""Flows: linted, compiled, stepped through."""
