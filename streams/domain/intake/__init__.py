"""Intake: what a channel sent becomes one order, a review with its reasons, or a recorded duplicate."""
