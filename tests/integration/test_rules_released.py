"""``penstock rules publish | release | rollback`` on a real Kafka: versions move on as they may, audited, and never over somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from schemas.codec import CODEC
from schemas.documents.rules.builtin import read
from streams.aside import releases
from streams.aside.config.changes import publishing
from streams.aside.config.standing import ConfigRefused, standing
from streams.aside.config.store import write
from streams.aside.guarding import end_trial
from streams.domain.releases.guardrails import Guard
from streams.domain.releases.sharing import Release, Share
from streams.domain.releases.watching import trial_of
from streams.ops.actor import ALL_RIGHTS, Actor
from streams.ops.cluster import Cluster, ClusterError, Publisher
from streams.settings import Settings
from tests.command_line import in_process
from tests.conftest import Unique
from tests.domain.make import warehouse

WANG = Actor("wang", ALL_RIGHTS)
Done = CompletedProcess[str]


class Hub:
    """A hub's topics, ``penstock`` on them, and a rule document of a name of its own."""

    def __init__(self, settings: Settings, name: str, folder: Path) -> None:
        self.cluster = Cluster(settings)
        self.cluster.create_topics()
        self.name, self.document, self.code = name, f"rules/{name}", f"W-{name}"
        self._settings, self._file = settings, folder / "rules.toml"
        self.cluster.publish([("config.warehouses", self.code, "Warehouse", warehouse(self.code))])

    def penstock(self, *args: str, **env: str) -> Done:
        around = {**self._settings.to_env(), "NO_COLOR": "1", "COLUMNS": "200", "PENSTOCK_LANG": "en", **env}
        return in_process(["rules", *args], around, alone=True)

    def text(self, *codes: str, note: str = "") -> str:
        rank = f"[{{ by = 'sequence', warehouses = {list(codes or (self.code,))} }}]"
        head = f"kind = 'rules'\nversion = 1\nname = '{self.name}'\ndescription = '{note}'\n"
        return f"{head}[default]\nrank = {{ mode = 'lexicographic', criteria = {rank} }}\n"

    def publish(self, *codes: str, note: str = "") -> Done:
        self._file.write_text(self.text(*codes, note=note), "utf-8")
        return self.penstock("publish", str(self._file), "--because", "spring")

    def release(self, version: int, *how: str) -> Done:
        return self.penstock("release", self.name, "--version", str(version), *how)

    @property
    def in_use(self) -> Release:
        return releases.in_use(standing(self.cluster), self.document)

    def audited(self) -> list[dict[str, Any]]:
        return [CODEC.decode(m.value() or b"")[1] for m in self.cluster.read("audit", key=f"config:{self.document}")]


@pytest.fixture
def hub(kafka: str, unique: Unique, tmp_path: Path) -> Hub:
    settings = Settings.from_env({"PENSTOCK_DATA": str(tmp_path), "PENSTOCK_APP_ID": unique()}, brokers=kafka)
    return Hub(settings, unique(), tmp_path)


def test_a_version_goes_from_draft_to_live_and_back(hub: Hub) -> None:
    done = hub.publish()
    assert (done.returncode, f"version 1 of {hub.document} is published" in done.stdout) == (0, True), done
    assert "unchanged: version 1" in hub.publish().stdout
    assert hub.publish(note="two").returncode == 0
    assert (hub.in_use, hub.release(1, "--live").returncode) == (Release(), 0)
    assert hub.in_use == Release(live=1)
    assert hub.release(2, "--shadow").returncode == 0
    assert hub.in_use == Release(live=1, shadow=2)
    done = hub.release(2, "--share", "10%")
    assert done.returncode == 0 and "version 2 has a share of 10 %" in done.stdout
    assert f"workers follow rules/default (PENSTOCK_RULES): {hub.document} decides nothing" in done.stderr
    follows = hub.penstock("release", hub.name, "--version", "2", "--share", "10%", PENSTOCK_RULES=hub.name)
    assert (follows.returncode, follows.stderr) == (0, "")
    salt = f"{hub.document}@2"
    share = hub.in_use.share
    assert share is not None and share == Share(2, 1_000, salt, share.since_ms) and share.since_ms > 0
    done = hub.release(2, "--share", "9.99%")
    assert (done.returncode, "9.99 % is less" in done.stderr) == (2, True), done
    assert hub.release(2, "--share", "50%", "--json").stdout == (
        json.dumps(
            {
                "document": hub.document,
                "changed": True,
                "live": 1,
                "shadow": None,
                # Widened, it is the same trial.
                "share": {
                    "version": 2,
                    "basis_points": 5_000,
                    "salt": salt,
                    "since_ms": share.since_ms,
                    "guards": [],
                },
                "previous": None,
                "withdrawn": [],
            }
        )
        + "\n"
    )
    assert hub.release(2, "--live").returncode == 0
    assert hub.in_use == Release(live=2, previous=1)
    done = hub.penstock("rollback", hub.name, "--because", "too many wait")
    assert done.returncode == 0 and "version 1 is live again" in done.stdout
    assert hub.in_use == Release(live=1, withdrawn=(2,))
    entries = hub.audited()
    assert [each["action"] for each in entries] == [
        *["config.published"] * 2,
        *["config.released"] * 5,
        "config.rolled_back",
    ]
    assert (entries[-1]["reason"], entries[-1]["details"]["live"]) == ("too many wait", "1")
    assert entries[4]["details"]["share"] == "1000 of 10,000 to 2"


def test_a_trial_is_ended_by_rollback_and_a_shadow_by_name(hub: Hub) -> None:
    for number in (1, 2, 3):
        assert hub.publish(note=str(number)).returncode == 0
    for version, how in ((1, "--live"), (3, "--shadow")):
        assert hub.release(version, how).returncode == 0
    assert hub.release(2, "--share", "0.5%").returncode == 0
    done = hub.release(3, "--share", "1%")
    assert (done.returncode, "version 2 has a share of 0.5 %" in done.stderr) == (2, True)
    assert hub.penstock("rollback", hub.name).returncode == 0
    assert hub.in_use == Release(live=1, shadow=3, withdrawn=(2,))
    done = hub.penstock("rollback", hub.name)
    assert (done.returncode, "no version was live before version 1" in done.stderr) == (2, True)
    assert hub.penstock("rollback", hub.name, "--shadow").returncode == 0
    assert hub.in_use == Release(live=1, withdrawn=(2,))
    before = len(hub.audited())
    assert hub.release(1, "--live").returncode == 0 and len(hub.audited()) == before


def test_what_cannot_decide_is_neither_published_nor_released(hub: Hub) -> None:
    done = hub.publish(hub.code, "NOWHERE")
    assert (done.returncode, '"NOWHERE": is no warehouse that is set up' in done.stdout) == (1, True), done
    assert hub.document not in standing(hub.cluster).versions
    # Its warehouse was set up when it was published, and is no more.
    change = publishing(standing(hub.cluster), "rules", read(hub.text(f"GONE-{hub.name}")))
    assert change is not None
    write(hub.cluster, [change], by=WANG, because="")
    done = hub.release(1, "--shadow")
    assert (done.returncode, "has 1 faults" in done.stderr) == (2, True), done
    assert "is no warehouse that is set up" in done.stdout and hub.in_use == Release()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--version", "7", "--live"), "there is no rules/"),
        (("--version", "1"), "one of --shadow, --share PERCENT, --live"),
        (("--version", "1", "--live", "--shadow"), "one of --shadow, --share PERCENT, --live"),
        (("--version", "1", "--share", "10"), "--share is '10': write per cent"),
        (("--version", "1", "--share", "0.001%"), "write per cent with at most two decimals"),
        (("--version", "1", "--share", "0%"), "a share of 0 % is none"),
        (("--version", "1", "--share", "100%"), "a share of 100 % is none"),
        (("--version", "1", "--live", "--guard", "errors=5@9"), "--guard is of a trial"),
        (
            ("--version", "1", "--share", "1%", "--guard", "errors=5"),
            "--guard is 'errors=5': write FIGURE=LIMIT@SAMPLE",
        ),
        (("--version", "1", "--share", "1%", "--guard", "colour=5@9"), "figures are errors, undecided, backordered"),
        (("--version", "1", "--share", "1%", "--guard", "errors=5@0"), "write FIGURE=LIMIT@SAMPLE"),
        (("--version", "1", "--share", "1%", *["--guard", "errors=5@9"] * 2), "names errors twice"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_what_to_do(hub: Hub, args: tuple[str, ...], says: str) -> None:
    hub.publish()
    done = hub.penstock("release", hub.name, *args)
    assert (done.returncode, says in done.stderr, hub.in_use) == (2, True, Release()), done
    done = hub.penstock("rollback", f"{hub.name}-other")
    assert (done.returncode, "nothing is released" in done.stderr) == (2, True)


def test_two_at_once_are_not_written_over_one_another(hub: Hub) -> None:
    for note in "ab":
        hub.publish(note=note)
    before = standing(hub.cluster)
    assert hub.release(1, "--live").returncode == 0
    with pytest.raises(ConfigRefused, match="was made live meanwhile"):
        releases.carry_out(
            hub.cluster, before, hub.document, Release(live=2), "config.released", by=WANG, because="me too"
        )
    assert hub.in_use == Release(live=1)


def test_guardrails_end_a_trial_once_and_no_other(hub: Hub) -> None:
    for number in (1, 2, 3):
        hub.publish(note=str(number))
    for version, how in ((1, ("--live",)), (2, ("--live",)), (3, ("--share", "10%", "--guard", "errors=5@9"))):
        assert hub.release(version, *how).returncode == 0
    share = hub.in_use.share
    assert share is not None and share.guards == (Guard("errors", 9, 5),)
    its = trial_of(hub.document, share)
    # Of an earlier trial, of another version, of another document.
    for other in (
        its._replace(since_ms=its.since_ms - 1),
        its._replace(version=2),
        its._replace(document="rules/other"),
    ):
        assert not end_trial(hub.cluster, other, "errors: 6")
    assert hub.in_use.share == share
    assert end_trial(hub.cluster, its, "errors: 6 of 10,000")
    # Proposed again, by whoever: it takes nothing else back, neither the live version nor the next trial.
    assert not end_trial(hub.cluster, its, "errors: 7")
    assert hub.in_use == Release(2, None, None, 1, (3,))
    assert hub.release(3, "--share", "10%").returncode == 0
    assert not end_trial(hub.cluster, its, "errors: 8")
    again = hub.in_use.share
    assert again is not None and (again.guards, again.since_ms > share.since_ms) == ((), True)
    (entry,) = [each for each in hub.audited() if each["action"] == "config.rolled_back"]
    assert (entry["by"], entry["reason"]) == ("guardrails", "errors: 6 of 10,000")


def test_a_trial_that_cannot_be_ended_is_not_taken_for_one_that_is_over(hub: Hub) -> None:
    for number in (1, 2):
        hub.publish(note=str(number))
    for version, how in ((1, ("--live",)), (2, ("--share", "10%"))):
        assert hub.release(version, *how).returncode == 0
    share = hub.in_use.share
    assert share is not None
    with Publisher(hub.cluster.settings) as publisher:
        publisher.send("config.documents", f"{hub.document}@1", None)
    with pytest.raises(ClusterError, match=f"there is no {hub.document}@1"):
        end_trial(hub.cluster, trial_of(hub.document, share), "errors: 6")
    assert hub.in_use.share == share


def test_two_versions_are_compared_field_by_field(hub: Hub) -> None:
    for note in "ab":
        hub.publish(note=note)
    done = hub.penstock("diff", f"{hub.document}@1", f"{hub.document}@2", "--json")
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["from"], found["to"]) == (1, f"{hub.document}@1", f"{hub.document}@2")
    assert len(found["differences"]) == 1 and "description" in json.dumps(found["differences"])
    assert hub.penstock("diff", f"{hub.document}@1", f"{hub.document}@1").returncode == 0


@pytest.fixture
def in_chinese(hub: Hub) -> Callable[..., Done]:
    return lambda *args: hub.penstock(*args, PENSTOCK_LANG="zh")


def test_it_is_said_in_chinese_too(hub: Hub, in_chinese: Callable[..., Done]) -> None:
    hub.publish()
    done = in_chinese("release", hub.name, "--version", "1", "--live")
    assert "版本 1 上线" in done.stdout and "不参与任何决定" in done.stderr
