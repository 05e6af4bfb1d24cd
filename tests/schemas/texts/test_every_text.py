"""Every text that reaches a person is in the catalogue, and nothing else is."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import get_args, get_type_hints

from schemas import records
from schemas.texts.catalogue import FIELD, Catalogue, numbers
from schemas.topics import TOPICS
from streams.aside import quarantine, review, trail
from streams.aside.telling import Answer
from streams.domain.channels.holds import HOLDS
from tests.schemas.texts.found import ROOT, Found, helps, texts

PARTS = ("streams", "schemas", "connectors", "deploy/local")

#: What no person reads in their language: pattern of files -> why.
NOT_HELD = {
    "*/metrics.py": "metrics are English, whoever reads them",
    "streams/monitor/listings.py": "metrics are English, whoever reads them",
    **dict.fromkeys(
        (f"streams/agents/{name}.py" for name in ("released", "rulebook", "flowbook")),
        "a worker's log is English, whoever reads it",
    ),
    "schemas/topics.py": "what a topic is for is told to who reads the code",
    "schemas/generate*.py": "tools of who changes the schemas",
    "schemas/avsc.py": "a schema that is wrong is found before it is released",
    "schemas/terminal.py": "a template that is wrong is found by its first use",
    "schemas/texts/catalogue.py": "a catalogue that is wrong is found by its first use",
    "connectors/generator/fit.py": "a tool of who fits the generator to real trade",
    "connectors/generator/retail_csv.py": "names of countries and goods, and a tool of who changes the generator",
    "connectors/postgres/tables.py": "names of tables and columns",
    "connectors/postgres/scopes.py": "the database's language",
    **dict.fromkeys(
        (
            f"connectors/simulators/{name}*.py"
            for name in ("cainiao", "douyin", "jd", "jos", "kuaidi100", "pdd", "shopify", "taobao", "top", "qimen")
        ),
        "said as the platform says it",
    ),
}

#: Read by programs, or by no one.
NOT_SAID = {
    # Patterns of what platforms write.
    r"wrong (item|product|parcel)|missing (item|part|piece)",
    r"\blate\b|\bdelay(ed)?\b|too slow",
    r"not (been )?(received|delivered|arrived?)|never (arrived|received|came)",
    r"defect|quality|not as described|\bsize\b|too (small|large|big)",
    r"changed? (my|his|her|their) mind|unwanted|no longer (want|need)",
    "in store pickup",
    "unfulfillable status= scheduled",
    "unfulfillable status= on_hold",
    "Invalid fulfillment order line item quantity",
    # What platforms are sent, and what simulated ones say.
    "Cash on Delivery (COD)",
    "update_time asc",
    "updated_at:>='{1}' AND updated_at:<='{2}'",
    "order_status {1}, main_status {2}",
    "order_status {1}, refund_status {2}",
    "# Of penstock simulate, which writes it anew at each start.",
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    # Names of options, and lines to copy.
    "--error, --topic, --sink, --since, --until",
    "--reason, --channel, --shop, --since, --until",
    "penstock review fix {1} --from {2}",
    "penstock review resubmit {1} --payload {2}",
    "curl --data @deploy/examples/orders/{1}.json {2}://{3}/_sim/orders    # {4}: {5}",
    # Other programs' languages.
    "{1} required username={2} password={3};",
    # Of processes, protocols and databases.
    "HTTP/1.1 {1} {2}\r\nContent-Type: text/plain\r\nContent-Length: {3}",
    "%(asctime)s %(levelname)-7s %(message)s",
    "python -m deploy.local.jars",
    "python -m deploy.local",
    "python -m streams.verify",
    "# Written by `{1}` from {2}.",
    "org.apache.kafka.common.security.plain.PlainLoginModule required",
    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    '{1} username="{2}" password="{3}" user_{4}="{5}";',
    "import sys; sys.stdin.buffer.read(); from deploy.local.leash import stop; stop(*sys.argv[1:])",
    "[[shop]], [[logistics]], [[sender]], [[warehouse_system]] and [[wms]]",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/json; charset=utf-8",
    "text/xml; charset=utf-8",
    '<?xml version="1.0" encoding="utf-8"?>{1}',
    "a platform's client is to be used in `async with`",
    "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "public, max-age=31536000, immutable",
    # Metrics.
    "Records handed over from before the position, and dropped",
    "Offsets that retention deleted before they were read",
    # A fault of ours.
    "code {1} has two rules",
    "module {1} has no attribute {2}",
    "agent {1} has returned: it must go on for ever",
    "a table can be used only while a batch is being processed",
    "topic {1} is read by two agents: let one of them read it",
    "table {1} is used before the worker has started",
    "table {1} is a {2}: the engine keeps plain tables only",
    "records are delivered by the cycle",
    "a message is sent before the worker has started",
    "Faust setting {1} is {2}: this transport needs {3}; pass **streams.engine.SETTINGS to faust.App",
    "{1} is no kind of violation",
    "a reading has an order, an after-sale or a review: {1}",
    "{1} has not taken its place",
    "{1} {2} declares no permission: see connectors/console/asking.py",
}


def files() -> list[Path]:
    every = [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]
    return [
        path for path in every if not any(fnmatch(path.relative_to(ROOT).as_posix(), pattern) for pattern in NOT_HELD)
    ]


@cache
def said() -> dict[str, Found]:
    """Template -> where it stands first."""
    found = [each for path in files() for each in texts(path)]
    return {each.template: each for each in reversed([*helps(), *found]) if each.template not in NOT_SAID}


@cache
def parts() -> dict[str, dict[str, str]]:
    parsed: dict[str, dict[str, str]] = tomllib.loads((ROOT / "schemas/texts/zh.toml").read_text("utf-8"))
    return parsed


@cache
def entries() -> dict[str, str]:
    return Catalogue.read("zh").texts


def test_whatever_is_not_held_is_there() -> None:
    found = [path.relative_to(ROOT).as_posix() for part in PARTS for path in (ROOT / part).rglob("*.py")]
    assert [pattern for pattern in NOT_HELD if not any(fnmatch(name, pattern) for name in found)] == []


def test_every_text_has_its_chinese() -> None:
    lacking = [f'{each.where}: "{template}"' for template, each in said().items() if template not in entries()]
    assert not lacking, "write their Chinese into schemas/texts/zh.toml:\n" + "\n".join(lacking)
    assert len(said()) > 800


def test_no_entry_is_left_over() -> None:
    left = [
        entry
        for part, texts in parts().items()
        for entry in texts
        if part not in ("library", "words") and entry not in said()
    ]
    assert not left, "nothing says it any more, take it out of schemas/texts/zh.toml:\n" + "\n".join(left)


def test_the_chinese_has_the_same_values() -> None:
    for english, chinese in entries().items():
        assert sorted(set(numbers(chinese))) == sorted(set(numbers(english))), english
        assert [*map(chinese.count, ("{}", "{:,}"))] == [*map(english.count, ("{}", "{:,}"))], english


def test_each_is_found_by_its_own_template() -> None:
    catalogue = Catalogue.read("zh")
    wrong = []
    for english, chinese in entries().items():
        if english != english.strip():
            # A whole text of the library's, never looked for in another.
            continue
        # One word each, so that nothing in them is a sentence; each its own, so that none takes another's place.
        sentence, expected = (FIELD.sub(r"TS-\1,\g<1>00", text) for text in (english, chinese))
        if catalogue.said(sentence) != expected:
            wrong.append(f"{english}\n  {catalogue.said(sentence)}")
    assert not wrong, "\n".join(wrong)


def test_every_word_of_a_record_that_is_shown_has_its_chinese() -> None:
    """Phases and outcomes by the records' types, reasons by where they are made, states of what is set aside."""
    shown = {*get_args(records.Phase), *get_args(records.OrderStatus), *get_args(records.WritebackPhase)}
    shown |= {phase.lower() for phase in get_args(records.WritebackPhase)} | {*get_args(records.WritebackOutcome)}
    shown |= {word.lower() for word in (*get_args(records.TaskKind), *get_args(records.TaskState))}
    shown |= {
        *HOLDS,
        *review.STATE_NAMES,
        *quarantine.STATE_NAMES,
        *trail.STATES,
        *get_args(get_type_hints(Answer)["word"]),
    }
    domain = "".join(path.read_text("utf-8") for path in (ROOT / "streams/domain").rglob("*.py"))
    shown |= {*re.findall(r'(?:wrong|_blame)\(\s*(?:\w+,\s*)?"([a-z_]+)"', domain)}
    shown |= {
        name
        for topic in TOPICS.values()
        for name in topic.records
        if topic.name.startswith(("orders", "order.", "alloc", "ship"))
    }
    assert sorted(shown - entries().keys()) == []


def test_every_word_is_somebodys() -> None:
    sources = "".join(
        path.read_text("utf-8") for part in ("streams", "schemas", "connectors") for path in (ROOT / part).rglob("*.py")
    )
    sources += "".join(path.read_text("utf-8") for path in (ROOT / "schemas").glob("*.avsc"))
    # Quoted in the code, in any case: phases are shown in small letters too.
    quoted = re.compile("[\"'] ?({})[, ]*[\"']".format("|".join(map(re.escape, parts()["words"]))), re.IGNORECASE)
    known = {word.lower() for word in quoted.findall(sources)}
    assert [word for word in parts()["words"] if not FIELD.search(word) and word.lower() not in known] == []
