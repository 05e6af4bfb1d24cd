"""What ``make`` installs is what deploy/requirements/ says, file by file: names, versions and hashes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.requirements.lock import HERE, pinned, wanted

ROOT = HERE.parents[1]


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


@pytest.mark.parametrize("lock", wanted())
def test_what_is_wanted_is_locked_at_its_version_with_hashes(lock: str) -> None:
    text = (HERE / f"{lock}.txt").read_text()
    locked = {name(package): version for package, version in pinned(text).items()}
    for line in wanted()[lock]:
        if line and not line.startswith("#"):
            asked = Requirement(line)
            assert str(asked.specifier) == f"=={locked[name(asked.name)]}", f"{line}: make lock"
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert len(entries) == len(locked)
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    # Neither a machine's place nor a registry's name: hashes hold wherever it comes from.
    assert "://" not in text


def test_what_both_hold_is_the_same_in_both() -> None:
    run, dev = (pinned((HERE / f"{lock}.txt").read_text()) for lock in ("run", "dev"))
    assert run.items() <= dev.items()


def test_make_installs_nothing_without_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text()
    installs = [
        line
        for line in makefile.splitlines()
        if re.search(r"pip install|\$\((INSTALL|LOCKED)\)", line) and ":=" not in line
    ]
    assert len(installs) == 7
    for line in installs:
        assert re.search(r"\$\(LOCKED\) -r deploy/requirements/\w+\.txt$|\$\(INSTALL\) --no-deps -e \.$", line), line
    assert "LOCKED := $(INSTALL) --require-hashes" in makefile
    assert re.search(r"^INSTALL := .*--no-build-isolation$", makefile, re.M)


def test_a_package_of_other_content_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "typing_extensions-4.16.0-py3-none-any.whl"
    wheel.write_bytes(b"PK, and something that nobody has pinned")
    locked = next(
        entry
        for entry in re.split(r"^(?=[a-z])", (HERE / "run.txt").read_text(), flags=re.M)
        if entry.startswith("typing-ext")
    )
    (tmp_path / "one.txt").write_text(locked)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-index",
        "--find-links",
        str(tmp_path),
        "--require-hashes",
        "--dry-run",
    ]
    command += ["--ignore-installed", "-r", str(tmp_path / "one.txt")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
