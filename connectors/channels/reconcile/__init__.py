"""Reconciliation: the safety net under the pushes, and key events confirmed both ways.

known.py     what the hub knows of each order, followed from its topics into a small local file
compare.py   an order as the channel shows it beside what the hub knows: pure
asking.py    a shop's platform, asked within its limits
pull.py      a shop's changes, window by window; what the hub lacks is sent in
confirm.py   payments and shipments the hub believes in, asked back at the channel
process.py   all of it, over and over (``penstock reconcile``) or once
report.py    what was found, for a person
"""
