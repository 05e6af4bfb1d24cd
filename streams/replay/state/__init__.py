"""Lost ground: what no longer fits between changelogs, offsets and topics, and how work goes on from there.
How a group stands, ``ops/standing.py`` looks up.

standing   how a group stands, and what of it doesn't fit
accept     offsets and inputs as they now are: the group goes on from there
rebuild    a changelog that was lost, written anew from a worker's copy, or from the input
"""
