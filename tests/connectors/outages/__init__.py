"""A database that dies in every way there is while orders flow, and the proof that its tables say what the topics say.

make outage                                        100,000 orders, Postgres dies 10 times at random and once in each way more
python -m tests.connectors.outages --help          other figures, another seed
"""
