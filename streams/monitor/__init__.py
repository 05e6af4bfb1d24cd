"""The monitor: one process that watches the whole cluster from outside, and tells Prometheus what no single worker or sink knows.

    interfaces   what has to answer, from a file
    checks       asks one interface
    health       asks all of them, over and over; keeps the history
    reader       reads the topics
    flow         counts what goes through: inflow, outcomes, decisions, latency, KPIs
    statuses     keeps which orders wait, in which phase, since when; counts those in trouble
    standing     keeps what is still open: reviews, quarantined and refused records, broken balances
    guarding     watches trials of rules, and has those ended whose figures are over their limits
    metrics      the names of all of it
    process      puts it together

It changes nothing but ``health.checks``, and ends trials of rules by ``config.releases``, as a person may. All else goes on without it: it
can be stopped and started at any time. Counters begin at 0 with the process and count what arrives from then on, as Prometheus expects;
what is standing, and the KPIs' window, are read anew at each start.
"""
