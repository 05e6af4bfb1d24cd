"""What commands share that tell the hub something in a person's place: they show the plan, ask, send, and wait for the answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer

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
        results = _told(cluster, wishes, tellings, how)
    _print(results, how)
    fine = {"applied", "sent", "would be told"}
    for wish, result in zip(wishes, results, strict=True):
        if result["answer"] not in fine and not (result["answer"] == "troubled" and (how.anyway or wish.anyway)):
            sys.exit(1)


def _told(cluster: Cluster, wishes: Sequence[Wish], tellings: Sequence[Telling], how: How) -> list[dict[str, Any]]:
    sent = telling.tell(cluster, tellings) if tellings else []
    if len(wishes) == 1 and sent and sent[0].conflict:
        raise Refused(sent[0].conflict)
    there = [each.telling for each in sent if not each.conflict]
    answers = {} if how.no_wait or not there else telling.answers(cluster, there, max(WAIT_S, len(there) / _A_SECOND))
    results, left = [], iter(sent)
    for wish in wishes:
        if wish.telling is None:
            results.append(_result(wish, "refused"))
            continue
        each = next(left)
        if each.conflict:
            results.append(_result(wish, "refused", each.conflict))
            continue
        answer = answers.get((wish.telling.key, wish.telling.id))
        word, why = ("sent", "") if how.no_wait else _in_words(answer, wish.telling)
        results.append(_result(wish, word, why, repeated=each.repeated))
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
        out.print(f"{row}{before}{result['answer']}{why}{its}", soft_wrap=True)
