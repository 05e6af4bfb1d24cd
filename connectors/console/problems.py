"""What keeps a request from being answered, for the person who asked: a code for programs, words in English or Chinese, perhaps a fix.

The words stand here in English; ``schemas/texts`` has the Chinese.
"""

from __future__ import annotations

import traceback
from typing import Annotated

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from schemas.texts import Language, said_in


class Said(BaseModel):
    """The body of every answer that is not a success."""

    code: str
    message: str
    #: Of what was asked, what is wrong; absent where it is the whole.
    field: str | None = None
    fix: str | None = None


#: Code -> status, words, fix.
_PROBLEMS: dict[str, tuple[int, str, str | None]] = {
    "not_signed_in": (401, "nobody is signed in, or the session has ended", "sign in"),
    "wrong_password": (401, "the name or the password is wrong", None),
    "too_many_tries": (429, "too many log-ins have failed: the next try is taken later", "wait, then try again"),
    "not_allowed": (403, "this account may not do that", "ask who manages access for it"),
    "foreign_origin": (403, "the request comes from another site's page", "open the console's own address"),
    "no_header": (
        403,
        "the header X-Penstock is missing",
        "send X-Penstock: 1 with every request that changes something",
    ),
    "in_clear": (
        *(403, "a password would go over the network in clear"),
        "put a reverse proxy with TLS in front, or ask from this machine",
    ),
    "not_found": (404, "there is no such thing, or this account may not see it", None),
    "wrong_value": (422, "a value cannot be used", None),
    "too_large": (413, "more was sent than is taken", None),
    "bad_cursor": (422, "the page's mark is not one of this list", "begin with the first page"),
    "not_sent": (405, "nothing here takes such a request", None),
    "database_away": (503, "the database does not answer: nothing can be shown", "penstock status says what runs"),
    "database_unfit": (503, "the database's tables are of another version", "run penstock db migrate"),
    "roles_missing": (
        *(503, "the database has no roles for the console, or its login is no member of them"),
        "run penstock db roles --make, and grant them to the login in PENSTOCK_DATABASE_URL",
    ),
    "not_from_oneself": (
        *(409, "nobody takes from themselves what they manage access by"),
        "ask another administrator to do it",
    ),
    "already_done": (409, "somebody else has settled it", "look at it again"),
    "overtaken": (409, "somebody else was at it at the same moment: nothing was done", "try again"),
    "faulty": (422, "the document has faults", "put them right"),
    "refused": (422, "it cannot be done as asked", None),
    "gone": (410, "the topic has it no more", None),
    "kafka_away": (
        503,
        "Kafka does not answer: nothing can be put on record, so nothing is done",
        "penstock status says what runs",
    ),
    "fault": (500, "something went wrong here; the server's log has it by the request's id", None),
}


class Problem(Exception):
    """Raised where a request is to end with it."""

    def __init__(self, code: str, *, field: str | None = None, after_s: int | None = None, why: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.status = _PROBLEMS[code][0]
        self.field = field
        #: In English, a sentence of the catalogue's; in place of the code's own.
        self.why = why
        #: Seconds until it may be tried again.
        self.after_s = after_s


def language_of(request: Request) -> Language:
    """What the browser asks for first, of the two that there are."""
    asked = request.headers.get("accept-language", "")
    firsts = [part.partition(";")[0].strip().lower()[:2] for part in asked.split(",")]
    return "zh" if next((first for first in firsts if first in ("en", "zh")), "en") == "zh" else "en"


Speaks = Annotated[Language, Depends(language_of)]


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The answer to a request that ends with it."""
    headers = {} if problem.after_s is None else {"Retry-After": str(problem.after_s)}
    return JSONResponse(in_language(problem, language_of(request)), problem.status, headers)


def in_language(problem: Problem, language: Language) -> dict[str, str]:
    """As ``Said`` has it, without what is absent."""
    _, message, fix = _PROBLEMS[problem.code]
    body = {"code": problem.code, "message": said_in(language, problem.why or message), "field": problem.field}
    body["fix"] = said_in(language, fix) if fix else None
    return {name: value for name, value in body.items() if value is not None}


def in_words(problem: Problem) -> str:
    """In English, with its fix, for a command line."""
    _, message, fix = _PROBLEMS[problem.code]
    return f"{message}: {fix}" if fix else message


def in_log(error: Exception) -> str:
    """A fault's kind and places: its words may quote what is somebody's."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


def of_framework(error: Exception) -> Problem:
    """What FastAPI found wrong, in the same form. What was sent is not quoted: it may be anybody's."""
    if isinstance(error, RequestValidationError):
        place = error.errors()[0]["loc"] if error.errors() else ()
        return Problem("wrong_value", field=".".join(str(part) for part in place[1:]) or None)
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Problem({404: "not_found", 405: "not_sent", 413: "too_large", 500: "fault"}.get(status, "wrong_value"))


#: For the OpenAPI description: every route may answer so.
RESPONSES: dict[int | str, dict[str, object]] = {"default": {"model": Said}}
