"""A trial: what the hub would make of an order. The live agents run in memory on snapshots given by hand; nothing is read or kept.

hub       the stages of the group ``decisions`` with queues between them
happening what is told between two snapshots: a parcel, a return, an operator, an after-sale
course    one snapshot or happening after another -> a step each
step      what a step shows
"""
