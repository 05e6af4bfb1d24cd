"""Tracking numbers back: carriers, e-waybills, the calls that tell a number to an order's platform, parcels' traces."""
