"""What was set aside: events in review, messages in quarantine, records a sink refused; and how a person lets them go on.

An item is one record of ``orders.review``, ``penstock.quarantine`` or ``sink.refused`` and is named by its place. What became of it
stands in ``audit``. So all of it is Kafka's alone, and works while the database is down.

An item's message and the audit entry that closes the item are one Kafka transaction (``fenced.py``): neither is ever there without the
other. The order "message first" could send twice, and "audit first" could lose; this does neither, and two operators can't both do it.

    places      names of items
    trail       what was done to an item, from ``audit``
    review      items of orders.review and their state
    foresight   what intake would make of an event, asked before it is sent
    correction  the event a person has corrected
    quarantine  items of penstock.quarantine and sink.refused
    origin      records that stand in quarantine by reference, read back
    fenced      sends and closes, as one
"""
