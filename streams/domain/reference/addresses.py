"""A street address that begins with its own region, without it: a waybill prints the region from fields of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .names import simplified, stem
from .places import place_of

_COMMAS, _BLANKS = ",，、;；/\r\n", " \t\u3000-·"
_COUNTRY = ("中华人民共和国", "中国大陆", "中国", "china")
_KINDS = ("省", "市", "盟", "区", "县", "旗", "街道", "镇", "乡")
_ENGLISH_KINDS = ("province", "city", "prefecture", "county", "district", "sheng", "shi", "xian", "qu")
#: Short names of places have this many characters at most, but for some in the west (乌鲁木齐), whose streets are told by what follows.
_SHORT_CHARS = 3
# What makes another name of a region's: a street's (西湖区路1号), another word (义乌市场). What follows tells: 道观巷 is a name of its own.
_OTHER_WORD = re.compile(
    r"(?:[东南西北中前后上下内外老新]|[一二三四五六七八九十]+|[0-9]+)?"
    r"(?:大?街|大道|马路|公路|胡同|[路道巷弄村屯])(?=[0-9０-９一二三四五六七八九十甲乙丙东南西北中与和()（）]|[^\w]|$)"
    r"|(?<=市)[场民]|(?<=区)[域块间]"
)

# The names of one part of a region by their first character; True: with its kind (浙江省), which stands alone, False: a short one (浙江).
_Level = dict[str, list[tuple[str, bool]]]


def without_region(address: str, province: str, city: str, district: str) -> str:
    """The address without the region that it begins with, in any form, once or repeated; as it is when it begins with something else.

    A short name counts only where more of the region, or a comma, follows (浙江杭州市西湖区...), and no name does that a street's begins
    with. What would leave nothing that can be read (only a mask, only a region) stays whole; so does ciphertext: it begins with none.
    """
    levels, starts = _levels(province, city, district)
    # Nearly every address is only a street.
    if simplified(address[:1]) not in starts:
        return address
    folded = simplified(address)
    at = 0
    while (end := _end_of_region(folded, at, levels, first=True)) > at:
        at = end
    rest = address[at:]
    return rest if any(map(str.isalnum, rest)) else address


def _end_of_region(text: str, at: int, levels: tuple[_Level, ...], *, first: bool) -> int:
    """Where the address goes on behind the longest region of these levels that stands there; ``at`` itself when none does."""
    end = at
    for i, level in enumerate(levels):
        for name, full in level.get(text[at : at + 1], ()):
            behind = at + len(name)
            if not text.startswith(name, at) or (name.isascii() and text[behind : behind + 1].isalpha()):
                continue
            follows = text[behind : behind + 1]
            if full:
                counts = not _OTHER_WORD.match(text, behind) or _begins_again(text, behind, levels)
            elif name.isascii():
                # A blank may stand in a street's name (Hangzhou Road).
                counts = follows in _COMMAS
            else:
                # 浙江 杭州 西湖 文三路.
                counts = not first and follows in _COMMAS + _BLANKS
            while behind < len(text) and text[behind] in _COMMAS + _BLANKS:
                behind += 1
            below = _end_of_region(text, behind, levels[i + 1 :], first=False)
            # 承德县 is not 承德 and something else: every way to read it is tried.
            end = max(end, below if below > behind or counts else at)
    return end


def _begins_again(text: str, at: int, levels: tuple[_Level, ...]) -> bool:
    """Whether what looks like a street is more of the region: 路南区路南区."""
    return any(full and text.startswith(name, at) for each in levels for name, full in each.get(text[at : at + 1], ()))


@lru_cache(maxsize=8192)
def _levels(province: str, city: str, district: str) -> tuple[tuple[_Level, ...], frozenset[str]]:
    """Country, province, city, district as an address may begin with them, what is not given by the table; their first characters."""
    place = place_of(province, city, district)
    path = place.path if place else ()
    # A municipality is its own city, and what lies in a province directly (仙桃市) has none above it.
    middle = path[1] if len(path) > 2 or (place and len(place.code) == 4) else ""
    last = path[-1] if place and len(place.code) == 6 else ""
    pairs = ((province, path[0] if path else ""), (city, middle), (district, last))
    levels = (_level(*_COUNTRY), *(_level(simplified(given.strip()), known) for given, known in pairs))
    return levels, frozenset(start for level in levels for start in level)


def _level(*names: str) -> _Level:
    level: _Level = {}
    for form, full in {form: full for name in names if name for form, full in _forms(simplified(name))}.items():
        level.setdefault(form[0], []).append((form, full))
    return level


def _forms(name: str) -> Iterator[tuple[str, bool]]:
    """A name's forms and whether each says its kind."""
    if name.isascii():
        bare = next((name.removesuffix(f" {kind}") for kind in _ENGLISH_KINDS if name.endswith(f" {kind}")), name)
        yield from ((f"{bare} {kind}", True) for kind in _ENGLISH_KINDS)
        yield bare, False
        return
    short = stem(name)
    # JD has places that are none elsewhere (三环以内): no street's name begins with one.
    yield short, short == name and len(short) > _SHORT_CHARS
    if name != short or name.endswith(_KINDS):
        yield name, True
    else:
        # 嘉义 is a city and a county.
        yield from ((name + kind, True) for kind in _KINDS)
    for long, usual in (("自治区", "自治区"), ("自治州", "州"), ("自治县", "县"), ("特别行政区", "特区")):
        if name.endswith(long):
            yield short + usual, True
