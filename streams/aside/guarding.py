"""A trial ended by its guardrails: a release like an operator's, whose reason is the figure."""

from __future__ import annotations

from streams.aside.config.standing import ConfigRefused, Standing, standing
from streams.aside.releases import carry_out, in_use
from streams.domain.releases.moves import Moved, roll_back
from streams.domain.releases.watching import Trial, trial_of
from streams.ops.actor import Actor, Right
from streams.ops.cluster import Cluster, ClusterError

GUARDRAILS = Actor("guardrails", frozenset({Right.SETTINGS}))


def end_trial(cluster: Cluster, trial: Trial, because: str) -> bool:
    """Takes a trial's share back, if it is still that trial's; returns whether it was this call that did.

    Whoever proposes it, and however often, it is done once: what stands is read first, and read again in the fenced transaction that
    writes the release.

    Raises ClusterError: the broker is away, another command has taken over, or what stands cannot be released: nothing is written.
    """
    stands = standing(cluster)
    answer = roll_back(in_use(stands, trial.document))
    if not _is_on(stands, trial) or not isinstance(answer, Moved):
        return False
    try:
        carry_out(cluster, stands, trial.document, answer.release, "config.rolled_back", by=GUARDRAILS, because=because)
    except ConfigRefused as refused:
        if _is_on(standing(cluster), trial):
            raise ClusterError(str(refused)) from refused
        # Somebody else was first.
        return False
    return True


def _is_on(stands: Standing, trial: Trial) -> bool:
    share = in_use(stands, trial.document).share
    return share is not None and trial_of(trial.document, share) == trial
