"""What commands share that tell the hub something in a person's place: they show the plan, ask, send, and wait for the answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer

from schemas.texts import said, word
from streams.aside import telling
from streams.aside.telling import Answer, Telling
from streams.cli.asking import confirmed, planned
from streams.cli.common import Refused, out, print_json
from streams.ops.cluster import Cluster

#: So long a command waits for the workers; for many at once, as long as a slow worker takes.
WAIT_S = 30.0
_A_SECOND = 100

Id = Annotated[
    str,
    typer.Option("--id", help="Of your own: told again with the same id it has no effect, and says what became of it."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be told, and tell nothing.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Don't wait until it is decided.")]
Shop = Annotated[str, typer.Option(help="Only if the order is of this shop.")]


class How(NamedTuple):
    """How a command is carried out. ``anyway``: what contradicts the hub is told all the same."""

    question: str = ""
    yes: bool = False
    dry_run: bool = False
    no_wait: bool = False
    as_json: bool = False
    anyway: bool = False


class Wish(NamedTuple):
    """One thing to tell, and in words; without a telling why it can't be told.

    ``row``: of the file that it is from. ``anyway``: it says itself that it was so, whatever the hub knows.
    """

    said: str
    telling: Telling | None
    why_not: str = ""
    row: int = 0
    anyway: bool = False


def carried_out(cluster: Cluster, wishes: Sequence[Wish], how: How) -> None:
    """Ends with exit code 1 when one of them was refused, or not decided in time.

    Raises:
        Refused: the only one can't be told; nothing was sent.
    """
    if len(wishes) == 1 and wishes[0].telling is None:
        raise Refused(wishes[0].why_not)
    tellings = [wish.telling for wish in wishes if wish.telling is not None]
    if not how.as_json:
        planned([wish.said for wish in wishes if wish.telling is not None])
    if how.dry_run:
        results = [_result(wish, "would be told") for wish in wishes]
    else:
        if how.question and tellings:
            confirmed(how.question, how.yes)
        results = _told(cluster, wishes, how)
    _print(results, how)
    fine = {"applied", "sent", "would be told"}
    for wish, result in zip(wishes, results, strict=True):
        if result["answer"] not in fine and not (result["answer"] == "troubled" and (how.anyway or wish.anyway)):
            sys.exit(1)


class _Told(NamedTuple):
    """A wish that is told, and which it is."""

    number: int
    wish: Wish
    telling: Telling


def _told(cluster: Cluster, wishes: Sequence[Wish], how: How) -> list[dict[str, Any]]:
    """Round by round. What was judged on a line before it that was not applied is not told, unless it was so anyway."""
    results = {number: _result(wish, "refused") for number, wish in enumerate(wishes) if wish.telling is None}
    not_applied: dict[str, int] = {}
    rounds = _rounds(wishes)
    last = {each.telling.key: at for at, mine in enumerate(rounds) for each in mine}
    for at, mine in enumerate(rounds):
        going = []
        for each in mine:
            row = not_applied.get(each.telling.key)
            if row is None or how.anyway or each.wish.anyway:
                going.append(each)
            else:
                why = f"not told, for line {row} before it was not applied: look at that first"
                results[each.number] = _result(each.wish, "refused", why)
        awaited = [not how.no_wait or at < last[each.telling.key] for each in going]
        told = _at_once(cluster, going, awaited, alone=len(wishes) == 1)
        for each, result in zip(going, told, strict=True):
            results[each.number] = result
            if result["answer"] not in ("applied", "troubled", "sent"):
                not_applied[each.telling.key] = each.wish.row
    return [results[number] for number in range(len(wishes))]


def _rounds(wishes: Sequence[Wish]) -> list[list[_Told]]:
    """What can be told at once, in its order. What is about one order on two topics can't: the stage may read the second first."""
    found: list[list[_Told]] = []
    last: dict[str, tuple[int, str]] = {}
    for number, wish in enumerate(wishes):
        if (its := wish.telling) is None:
            continue
        at, topic = last.get(its.key, (0, its.topic))
        at += its.topic != topic
        last[its.key] = at, its.topic
        if at == len(found):
            found.append([])
        found[at].append(_Told(number, wish, its))
    return found


def _at_once(cluster: Cluster, going: Sequence[_Told], awaited: Sequence[bool], *, alone: bool) -> list[dict[str, Any]]:
    """``awaited``: whose answers are waited for. Raises Refused: the only one can't be told."""
    sent = telling.tell(cluster, [each.telling for each in going]) if going else []
    if alone and sent[0].conflict:
        raise Refused(sent[0].conflict)
    asked = [each.telling for each, waits in zip(sent, awaited, strict=True) if waits and not each.conflict]
    answers = telling.answers(cluster, asked, max(WAIT_S, len(asked) / _A_SECOND)) if asked else {}
    results = []
    for each, its, waits in zip(going, sent, awaited, strict=True):
        word, why = ("refused", its.conflict) if its.conflict else ("sent", "")
        if waits and not its.conflict:
            word, why = _in_words(answers.get((its.telling.key, its.telling.id)), its.telling)
        results.append(_result(each.wish, word, why, repeated=its.repeated))
    return results


def _in_words(answer: Answer | None, wanted: Telling) -> tuple[str, str]:
    if answer is None or answer.word == "undecided":
        again = f"penstock lag shows whether the workers go on; the same again with --id {wanted.id} tells the answer"
        return "undecided", f"sent, and not decided within {WAIT_S:.0f} s: {again}"
    return answer.word, answer.why


def _result(wish: Wish, answer: str, why: str = "", *, repeated: bool = False) -> dict[str, Any]:
    row = {"row": wish.row} if wish.row else {}
    if wish.telling is None:
        nothing = {"id": "", "subject": "", "answer": "refused", "why": wish.why_not}
        return {**row, **nothing, "repeated": False, "said": wish.said}
    its = {"id": wish.telling.id, "subject": wish.telling.key}
    return {**row, **its, "answer": answer, "why": why, "repeated": repeated, "said": wish.said}


def _print(results: Sequence[dict[str, Any]], how: How) -> None:
    if how.as_json:
        print_json(results[0] if len(results) == 1 else results)
        return
    for result in results:
        before = "told before, " if result["repeated"] else ""
        why = f": {result['why']}" if result["why"] else ""
        row = f"line {result['row']}: " if "row" in result else ""
        its = f" ({result['id']})" if result["id"] else ""
        out.print(f"{row}{said(before)}{word(result['answer'])}{said(why)}{its}", soft_wrap=True)
