"""Allocation: the saga of one order, from accepted to reserved, shipped or given up."""
