"""Warehouse: which delivery order a warehouse's system is told, when it is taken back, and what its reports mean."""
