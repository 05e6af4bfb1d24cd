"""The one loop of connectors that speak to slow systems: a request on a topic becomes calls to somebody else's system, and a result.

    dispatcher   reads the requests as one member of its group, and hands each to its lane
    lane         one account's requests: which goes next, how many at once
    calling      one request's calls: intent, call, and asking before it is sent again
    ledger       what is told to Kafka, in transactions that carry the offset
    endpoint     when an account may be called: its wish (quiet), its breaker, its rates (limits)
    positions    where a group begins, and what is answered already; assignment: whose the partitions are
    process      all of it as a process: signals, metrics, live and ready

A connector is a ``Contract`` (contract.py, where the order of things stands); ``connectors/logistics/`` is the first.
"""
