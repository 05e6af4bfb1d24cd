"""``penstock rules simulate``: what a draft of rules would have decided in a period of the real log. Reads only: nothing is produced.

Two ways, each with its own answer:

- **point by point**: each recorded decision is decided again by the draft on the facts it was made on. What planning saw is recorded in its
  trace; the balances behind it are searched for among the recorded ones, and only those count that lead the built-in planner to the very
  trace that is on record. A decision for which none does has no facts, and is counted as such. Exact, but each decision stands by itself:
  what the draft would have taken from a shelf is not missing from it when the next order comes.
- **in sequence**: the period runs once more on a simulated ledger of stock and capacity, once by the built-in rule and once by the draft.
  Deliveries, stocktakes, shipments and cancellations come when they came; an order is planned when it was planned, and again when what it
  waits for comes in. It shows what follows from what, but it is a model: how often the built-in rule, run so, decides as was recorded, is
  said beside it.
"""
