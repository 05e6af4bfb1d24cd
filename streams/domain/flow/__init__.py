"""Flows that a merchant draws: linted, compiled once per version, and asked at each event what happens to an order."""
