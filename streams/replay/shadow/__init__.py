"""``penstock rebuild --shadow``: recompute every decision from the recorded logs, beside the live system, and name each difference.

What is deterministic, and so what can be recomputed:

- **intake**: an event's outcome follows from the events before it in its partition, and from which SKUs were known. The latter is a view
  that may be late: where a review says ``unknown_sku``, that SKU is taken to have been unknown at that moment; all else must be the same,
  byte for byte.
- **inventory**: answers and alerts follow from the commands of a partition alone, byte for byte. Balances are published once a batch, so a
  recorded one must be one of those the commands lead to.
- **allocation**: a decision follows from its order's events on four topics and from the balances planning saw. Which of the four topics
  was read first is recorded nowhere, nor is the moment of a view. Both are searched for: an order of the recorded events, each topic's
  in its own order, and recorded balances not newer than the decision, which together lead to every recorded decision, status and command,
  byte for byte. The decision's trace must come out equal too, so numbers that were never there do not pass.

Every record between two stages is one stage's output, so together they lead from the channel topics (and what came from outside:
shipments, operators' decisions, warehouses, receipts) to every decision. The very agents and domain functions of the workers are run, on
tables of a second app id in a folder of their own, without the engine: it adds transactions and rebalances, which the chaos harness
judges, and batches, which no decision may depend on. Nothing is produced, no group is joined, no offset is committed.
"""
