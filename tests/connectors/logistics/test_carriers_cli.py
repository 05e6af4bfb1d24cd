"""``penstock carriers update``: nothing changes unless all of it is right, and what changed is in the audit."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from connectors.logistics.carriers import packaged
from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.command_line import in_process
from tests.conftest import Unique

TEXT = resources.files("connectors.logistics.carriers").joinpath("carriers.toml").read_text("utf-8")
NOW = packaged()
NEWER = (
    TEXT.replace(str(NOW.date), "2026-12-25")
    .replace(f'"{NOW.version}"', '"2026.12"')
    .replace('jd = "467"', 'jd = "468"')
)
LINE = TEXT[: TEXT.index('jd = "467"')].count("\n") + 1
NOBODY = "127.0.0.1:1"


def penstock(data: Path, *args: str, brokers: str = NOBODY, typed: str = "") -> CompletedProcess[str]:
    env = {"PENSTOCK_DATA": str(data), "PENSTOCK_BROKERS": brokers, "NO_COLOR": "1", "PENSTOCK_CARRIERS": ""}
    return in_process(("carriers", *args), env, typed=typed)


def written(folder: Path, text: str) -> str:
    path = folder / "new.toml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (NEWER.replace('jd = "468"', "jd = 468"), f"new.toml, line {LINE}: jd is 468: a text in quotes"),
        (NEWER.replace('code = "ZTO"', 'code = "SF"'), "code 'sf' is SF's too"),
        (NEWER.replace('"2026.12"', f'"{NOW.version}"'), f"version is '{NOW.version}', as of the present one"),
        (NEWER.replace("2026-12-25", "2026-10-25"), "date is 2026-10-25, before the present one's"),
        (NEWER + "[[", "no TOML"),
        # Right, and nobody there who keeps the audit.
        (NEWER, f"No Kafka broker answers at {NOBODY}"),
    ],
)
def test_what_is_wrong_changes_nothing(tmp_path: Path, text: str, says: str) -> None:
    done = penstock(tmp_path, "update", written(tmp_path, text), "--yes")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "carriers").exists()


def test_an_update_is_shown_asked_for_and_audited(tmp_path: Path, kafka: str, unique: Unique) -> None:
    version = unique("v")[-20:]
    path = written(tmp_path, NEWER.replace('"2026.12"', f'"{version}"'))

    refused = penstock(tmp_path, "update", path, brokers=kafka, typed="n\n")
    assert (refused.returncode, "~ SF.jd: 467 -> 468" in refused.stdout) == (1, True)
    assert not (tmp_path / "carriers").exists()

    done = penstock(tmp_path, "update", path, "--reason", "monthly", brokers=kafka, typed="y\n")
    assert done.returncode == 0, done.stderr
    listed = json.loads(penstock(tmp_path, "list", "--json").stdout)
    assert listed["version"] == version
    assert [c["jd"] for c in listed["carriers"] if c["code"] == "SF"] == ["468"]

    entries = (CODEC.decode(m.value())[1] for m in Cluster(Settings(kafka, tmp_path)).read("audit", key="carriers"))
    (entry,) = [e for e in entries if e["details"].get("version") == version]
    assert (entry["action"], entry["reason"]) == ("carriers.updated", "monthly")
    assert entry["details"] | {"version": ""} == {
        "version": "",
        "date": "2026-12-25",
        "before": NOW.version,
        "changes": "1",
    }
    again = penstock(tmp_path, "update", path, brokers=kafka)
    assert (again.returncode, "nothing to do" in again.stdout) == (0, True)


def test_check_shows_the_number_as_it_would_be_sent(tmp_path: Path) -> None:
    done = penstock(tmp_path, "check", " 运单号：ｙｔ0000000000001", "--carrier", "圆通")
    assert (done.returncode, done.stdout) == (0, "YT0000000000001  YTO 圆通速递: fits\n")
    wrong = penstock(tmp_path, "check", "YT1", "--carrier", "YTO")
    assert (wrong.returncode, "those of YTO have 10 to 18" in wrong.stderr) == (2, True)
