"""Replay: records of a topic once more into a database, a topic or a file; exactly the range that was asked for, each record once.

How it holds together, in the order of a run (``run.py``):

1. The plan (``planning.py``) fixes partitions and offsets; what is written to the topic later is no part of it.
2. The lock (``lock.py``): one replay of a topic into a target at a time, on whatever machine. It is a seat in a consumer group, so a
   killed run loses it within seconds.
3. The audit trail (``journal.py``) holds the plan: with it and the replay's id anybody can go on, from any machine.
4. Progress (``progress.py``) is committed offsets of a consumer group named after the replay, written by a transactional producer whose
   id belongs to the lock: a run that has lost the lock without noticing can commit nothing more.
5. The target (``target.py``): a topic's records are in the same transaction as the progress; a store's and a file's come before it, and
   what a killed run wrote beyond its progress is written again with the same effect.
"""
