"""Whether each process's user has the rights that it needs, and no others: a look of ``penstock doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from deploy.processes import PROCESSES
from streams.ops.acls import Acls, Given, NoRights, RightsUnseen
from streams.ops.rights import NAMES, WORKERS, Right, needed, users
from streams.settings import Settings
from streams.topology import WHERE_WANTED

#: Only where somebody has what they are for.
_WANTED = frozenset(("deliveries", *(WORKERS[group] for group in WHERE_WANTED)))
_USUAL = tuple(process.name for process in PROCESSES if process.name not in _WANTED)


class Look(NamedTuple):
    """What is said of them, and what to do; as a finding of the doctor's."""

    grade: Literal["fine", "doubtful", "faulty"]
    says: str
    advice: str = ""


def looked_at(settings: Settings, only: str = "") -> Iterator[Look]:
    """All that can be seen; ``only``: of a process, whose rights this command's own user is to have.

    Raises ClusterError, InvalidSetting.
    """
    there, whose = Acls(settings), users(settings)
    if only:
        yield from _own(there, settings, only)
        return
    try:
        given = there.given()
    except NoRights as exc:
        yield Look("fine", str(exc))
    except RightsUnseen:
        advice = "give it Describe on the cluster, or run penstock doctor --process NAME as each process's user"
        yield Look("doubtful", "this user may not see others' rights", advice)
        yield from _own(there, settings, "operator")
    else:
        yield from _others(given, settings, whose)


def _own(there: Acls, settings: Settings, process: str) -> Iterator[Look]:
    if missing := there.own_missing(needed(process, settings)):
        yield _lacking(process, missing)
    else:
        yield Look("fine", f"this user has what {process} needs of topics and groups; of transactions nobody is told")


def _others(given: Given, settings: Settings, whose: dict[str, str]) -> Iterator[Look]:
    # One user may be several processes.
    needs = {name: needed(name, settings) for name in NAMES}
    of_user = {user: [r for name, it in needs.items() if whose[name] == user for r in it] for user in whose.values()}
    fine, without = [], []
    for name, user in whose.items():
        missing = given.missing(user, needs[name])
        if len(missing) == len(needs[name]):
            without.append(name)
        elif missing:
            yield _lacking(name, missing)
        else:
            fine.append(name)
    for user, all_of_it in of_user.items():
        if more := given.beyond(user, all_of_it):
            says = f"{user} may do more than its process needs: {_named(more)}"
            yield Look("doubtful", says, "kafka-acls.sh --remove takes it away, if nobody else needs it")
    if usual := [name for name in without if name in _USUAL]:
        says = f"no rights are given to: {', '.join(usual)}"
        yield Look("doubtful", says, "penstock kafka acls --apply gives them; users of all rights need none")
    if fine:
        yield Look("fine", f"these have what they need: {', '.join(fine)}")


def _lacking(process: str, missing: list[Right]) -> Look:
    says = f"{process} lacks rights that it needs, {len(missing)} in all: {_named(missing)}"
    return Look("faulty", says, f"penstock kafka acls --process {process} --apply gives them")


def _named(rights: list[Right]) -> str:
    """Three of them, and how many more there are."""
    words = [f"{it.operation} {it.kind} {it.name}{'*' if it.prefixed else ''}" for it in rights[:3]]
    return ", ".join(words) + (f" (+{len(rights) - 3})" if len(rights) > 3 else "")
