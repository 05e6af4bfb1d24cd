"""A receiver with some of its parts put right by a person. Pure.

What a platform withholds it prints itself, by a token of the receiver it knows: with a part of another receiver the token goes, and what it
stood for has to be said too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from schemas.records import Receiver
from streams.domain.channels.contacts import form_of, phone_of
from streams.domain.reference import country_of, place_of, province_of

#: As people name the parts -> as the record does; a region from its largest part down.
PARTS = {
    "name": "name",
    "phone": "phone",
    "province": "province",
    "city": "city",
    "county": "district",
    "town": "town",
    "street": "address",
    "postcode": "postal_code",
}
_REGION = ("province", "city", "county", "town")
#: Below a part that is another one now, what stood there is of another place.
_BELOW = {"province": ("city", "county", "street"), "city": ("county", "street"), "county": ("street",)}
_MUST_BE = ("name", "phone", "street")
_CHARS_MAX = 200
_DIGITS_MIN = 7


class NotFit(ValueError):
    """The parts make no receiver that goods can be sent to; the message names the part and the fix."""


def with_parts(receiver: Receiver, parts: Mapping[str, str]) -> Receiver:
    """The receiver with these parts, named as in ``PARTS``, instead of its own; an empty part is none. Raises NotFit."""
    said = {part: _plain(part, text) for part, text in parts.items()}
    known = cast(Mapping[str, str], receiver)
    is_other = {part for part, text in said.items() if text != known[PARTS[part]]}
    for part, below in _BELOW.items():
        if part in is_other and (lacks := [each for each in below if each not in said]):
            raise NotFit(f"{part} is another one: say {' and '.join(lacks)} too, empty for none")
    if is_other & {"province", "city", "county"}:
        said.setdefault("town", "")
    for part in _MUST_BE:
        if part in said and not said[part]:
            raise NotFit(f"{part} is empty: goods need one")
    forms = {field: form for field, form in receiver["forms"].items() if field not in {PARTS[part] for part in said}}
    if is_other and (hidden := _hidden(known, forms, said)):
        raise NotFit(
            f"the platform shows no {hidden[0]} in clear, and prints it by a token of the receiver it knows: say name, phone and street too"
        )
    found: Any = {**receiver, **{PARTS[part]: text for part, text in said.items()}, "forms": forms}
    if is_other:
        found["oaid"] = None
    if "phone" in said:
        found |= _phone(said["phone"], forms)
    if found["country"] == "CN" and is_other & set(_REGION):
        _check_region(found["province"], found["city"])
    return cast(Receiver, found)


def _plain(part: str, text: str) -> str:
    if part not in PARTS:
        raise NotFit(f"{part!r} is no part of a receiver: write {', '.join(PARTS)}")
    text = text.strip()
    if len(text) > _CHARS_MAX:
        raise NotFit(f"{part} has {len(text)} characters: {_CHARS_MAX} at the most")
    if not text.isprintable():
        raise NotFit(f"{part} has a character that can't be printed: write it in one line")
    if form_of(text):
        raise NotFit(f"{part} is masked or ciphertext: write it in clear")
    return text


def _phone(text: str, forms: Mapping[str, str]) -> dict[str, Any]:
    number, extension, form = phone_of(text)
    if sum(map(str.isdigit, number)) < _DIGITS_MIN:
        raise NotFit(f"phone has fewer than {_DIGITS_MIN} digits: write the whole number")
    return {"phone": number, "phone_extension": extension, "forms": {**forms, **({"phone": form} if form else {})}}


def _hidden(known: Mapping[str, str], forms: Mapping[str, str], said: Mapping[str, str]) -> list[str]:
    """Of name, phone and street those that are the platform's and that nobody can print without it."""
    unsaid = [part for part in _MUST_BE if part not in said]
    withheld = ("cipher", "masked")
    return [part for part in unsaid if forms.get(PARTS[part]) in withheld or not known[PARTS[part]]]


def _check_region(province: str, city: str) -> None:
    known = province_of(province)
    if known is None:
        abroad = f": it is in {country_of(province)}, and the order's country is CN" if country_of(province) else ""
        raise NotFit(f"province is {province!r}, which is none of China's{abroad or ': write it as 浙江省, or 浙江'}")
    lies = place_of("", city)
    if lies is not None and lies.path[0] != known and len(getattr(place_of(province, city), "path", ())) < 2:
        raise NotFit(f"city {city!r} lies in {lies.path[0]}, not in {known}: say its province")
