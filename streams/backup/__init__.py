"""A hub's second home: a folder with its topics, its positions and its tables, all of one moment, and the way back from there.

    cut.py       the moment: where every log ends and every group stands, with no transaction half in it
    taking.py    ``penstock backup run``: what is new up to there, into segments; last of all the manifest
    vault.py     the files: checksums, the merchant's key
    manifest.py  what a backup consists of
    refill.py    records back at the very offsets they had
    restore.py   ``penstock backup restore``: into an empty cluster

Why the same offsets: orders say from which channel event they were read, a duplicate which one it repeats, tables from which record a row
was made, sinks how far they have come. A log at other offsets would make all of that wrong, and no table of translation reaches what is
inside records and on people's screens.
"""
