"""Every reason that an order may be held for is told in words."""

from __future__ import annotations

import re
from pathlib import Path

import streams.domain.allocation
import streams.domain.channels
import streams.domain.intake
from streams.domain.channels import jd, pdd, taobao
from streams.domain.channels.holds import HOLDS, in_words

ROOMS = (streams.domain.channels, streams.domain.intake, streams.domain.allocation)
# holds.add("x"), Sale(hold="x"), settled(..., "x"), a doubt of counts, the saga's own names.
FORMS = (
    r'(?:holds|found)\.add\(\s*"(\w+)"',
    r'holds\.add\(\s*"(\w+)" if',
    r'holds\.add\([^)]* else "(\w+)"',
    r'hold="(\w+)"',
    r'hold="\w+" if [^)]* else "(\w+)"',
    r'settled\([^)]*, "(\w+)"\)',
    r'(?:doubt or|return \(?\w+,|named,) "(\w+)"',
    r'= "(refund_\w+)", "(refund_\w+)", "(refund_\w+)"',
    r'= "(not_before)", "(paid_after_cancelled)", "(held_by_operator)"',
    r'^(?:OTHER_GOODS|SENT_WHILE_CANCELLED|DISPUTED|COMPANIONS) = "(\w+)"',
)


def reasons() -> set[str]:
    sources = [file.read_text("utf-8") for room in ROOMS for file in Path(room.__path__[0]).glob("*.py")]
    found = {
        one
        for text in sources
        for form in FORMS
        for match in re.finditer(form, text, re.MULTILINE)
        for one in match.groups()
        if one
    }
    tables = (taobao.HOLD_FLAGS, pdd.TAG_HOLDS, jd.HOLDS)
    return found.union(*(table.values() for table in tables))


def test_every_reason_is_told_in_words_and_no_other() -> None:
    assert reasons() == set(HOLDS)
    assert len(HOLDS) > 30


def test_a_hold_of_several_reasons_is_told_reason_by_reason() -> None:
    assert in_words("refund_open,risk_review,new_one") == [
        f"refund_open: {HOLDS['refund_open']}",
        f"risk_review: {HOLDS['risk_review']}",
    ]
    assert in_words(None) == in_words("") == []
