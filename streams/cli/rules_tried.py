"""The facts of a file that rules are tried on."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.documents.rules.case import CaseRefused, case
from streams.aside.facts import of_case
from streams.cli.common import Refused, text_of
from streams.cli.faults import print_faults
from streams.domain.routing.rules.facts import Facts


def of_file(file: str) -> tuple[Facts, Mapping[str, int]]:
    """Those of a case, and pieces that warehouses were given today.

    Raises:
        Refused: it has faults, of which every one was printed.
        NoFacts: a time or a place in it is none.
    """
    try:
        given = case(text_of(file))
    except CaseRefused as exc:
        print_faults(file, exc.faults, exc.read.lines)
        raise Refused(f"{file} has {len(exc.faults)} faults: put them right") from None
    return of_case(given), {each.code: each.given_today for each in given.warehouses if each.given_today is not None}
