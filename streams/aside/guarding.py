"""A trial ended by its guardrails: a release like an operator's, whose reason is the figure."""

from __future__ import annotations

from streams.aside.config.standing import ConfigRefused, standing
from streams.aside.releases import carry_out, in_use
from streams.domain.releases.moves import Moved, roll_back
from streams.domain.releases.watching import Trial, trial_of
from streams.ops.actor import Actor, Right
from streams.ops.cluster import Cluster

GUARDRAILS = Actor("guardrails", frozenset({Right.SETTINGS}))


def end_trial(cluster: Cluster, trial: Trial, because: str) -> bool:
    """Takes a trial's share back, if it is still that trial's; returns whether it was this call that did.

    Whoever proposes it, and however often, it is done once: what stands is read first, and read again in the fenced transaction that
    writes the release. A share that was widened meanwhile is refused there, and met by the next proposal.

    Raises ClusterError: the broker is away, or another command has taken over: nothing is written.
    """
    stands = standing(cluster)
    before = in_use(stands, trial.document)
    if before.share is None or trial_of(trial.document, before.share) != trial:
        return False
    answer = roll_back(before)
    if not isinstance(answer, Moved):
        return False
    try:
        carry_out(cluster, stands, trial.document, answer.release, "config.rolled_back", by=GUARDRAILS, because=because)
    except ConfigRefused:
        return False
    return True
