"""Names, phones and addresses as platforms give them: in clear, masked, as ciphertext, or as a number that forwards.

cipher    ~..~ $..$ #..#                       for the platform's own decryption: passed on as it is, never joined with anything
masked    any * or ＊                           a person reads it; nothing can be checked in it
privacy   13800000000-1234, 13800000000转1234   a number that forwards for some weeks: useless without its extension, no identity
          $13800000000$#1234#                   Pinduoduo's way to write one
"""

from __future__ import annotations

from typing import NamedTuple

from streams.domain.reference import country_of

#: What stands between a forwarding number and its extension.
_BEFORE_EXTENSION = " -－—_,，;；:：#转轉分机extEXT."
_MOBILE_DIGITS = 11
_EXTENSION_DIGITS_MAX = 8
_ABROAD = frozenset({"海外", "国外", "其他国家"})


class Phone(NamedTuple):
    """A number, the extension without which it isn't put through, and its form: empty when it is plain."""

    number: str
    extension: str = ""
    form: str = ""


def form_of(text: str) -> str:
    """`cipher`, `masked`, or empty for text in clear."""
    if len(text) > 4 and text[0] in "~$#" and text[-1] == text[0]:
        return "cipher"
    return "masked" if "*" in text or "＊" in text else ""


def phone_of(text: str) -> Phone:
    """A phone as its platform writes it, with an extension taken off."""
    if text.isdigit():
        return Phone(text)
    if text[:1] == "$" and text[-1:] == "#":
        number, _, extension = text[1:-1].partition("$#")
        if _digits(number) and _digits(extension):
            return Phone(number, extension, "privacy")
    form = form_of(text)
    if form == "cipher":
        return Phone(text, "", form)
    # Mobile numbers only: a fixed line has dashes and extensions of its own, and is plain.
    # With its country's number before it, or without.
    begin = len(text) - len(text.removeprefix("+").removeprefix("00").removeprefix("86").lstrip(" -"))
    begin = begin if text[begin : begin + 1] == "1" else 0
    number, rest = text[: begin + _MOBILE_DIGITS], text[begin + _MOBILE_DIGITS :]
    extension = rest.lstrip(_BEFORE_EXTENSION)
    if (
        text[begin : begin + 1] != "1"
        or rest == extension
        or not _digits(extension)
        or len(extension) > _EXTENSION_DIGITS_MAX
    ):
        return Phone(text, "", form)
    if form == "masked":
        return Phone(number, extension, form)
    return Phone(number, extension, "privacy") if _digits(number[begin:]) else Phone(text)


def extension_in(name: str) -> str:
    """The extension that a platform puts behind a receiver's name, `张三[1234]`; empty for none."""
    if name[-1:] not in "]］" or not name:
        return ""
    extension = name[max(name.rfind("["), name.rfind("［")) + 1 : -1]
    return extension if _digits(extension) and len(extension) <= _EXTENSION_DIGITS_MAX else ""


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def country_in(text: str, province: str) -> str:
    """The ISO code of a receiver's country, from what a Chinese platform calls it and from the province; empty where neither is known.

    Hong Kong, Macao and Taiwan may stand under 中国, as provinces, and a country where a province belongs. Where nothing tells it is China,
    but for what platforms call 海外.
    """
    country = country_of(text) if text else "CN"
    if country != "CN":
        return country or ""
    return "" if province in _ABROAD else (country_of(province) or "CN")
