"""The weekly report: what went wrong in a week, the KPIs against their targets and the week before, what changed, what is worth a look.

``asking`` reads the sink's tables, ``figures`` is what they come to, ``charts`` and ``page`` show it.
"""
