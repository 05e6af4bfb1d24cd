"""The wheel: what is in it, and that it decides as the sources do, compiled or not."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import wheel

ROOT = Path(__file__).resolve().parents[2]
#: What the compiled files are held to: all that is known of the decisions and of the records' bytes, but what needs servers.
_TESTS = ("tests/domain", "tests/schemas", "tests/kinds", "tests/verify", "tests/connectors/postgres/test_rows.py")


def test_every_module_of_the_domain_is_compiled_or_has_its_reason_why_not() -> None:
    domain = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "streams" / "domain").rglob("*.py"))]
    reasons = wheel.INTERPRETED
    left = [path for path in domain if path not in wheel.compiled() and not path.endswith("__init__.py")]
    assert [path for path in left if not path.startswith(tuple(reasons))] == []
    assert [path for path in reasons if not (ROOT / path).exists()] == []


def test_nothing_that_is_compiled_has_what_the_compiler_does_not_know() -> None:
    """mypyc ends at a star in what something is compared with, which Python and mypy take."""
    found = [
        f"{path}:{node.lineno}"
        for path in wheel.compiled()
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for other in node.comparators
        if isinstance(other, (ast.Tuple, ast.List, ast.Set)) and any(isinstance(it, ast.Starred) for it in other.elts)
    ]
    assert found == []


def test_without_a_compiler_the_wheel_is_the_interpreted_one_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(wheel, "find_spec", lambda name: None)
    monkeypatch.setattr(wheel, "WORK", tmp_path / "work")
    wheel.main(["--into", str(tmp_path), "--unpack", str(tmp_path / "installed")])
    said = capsys.readouterr()
    assert "no C compiler" in said.err and "ziglang" in said.err
    (built,) = tmp_path.glob("*.whl")
    assert said.out.strip() == str(built) and built.name.endswith("-py3-none-any.whl")
    assert "hot path interpreted" in _run(tmp_path / "installed", "-m", "streams.cli", "--version")
    packed = {path.relative_to(tmp_path / "installed").as_posix() for path in (tmp_path / "installed").rglob("*")}
    assert _sources() - packed == set()
    assert "connectors/console/static/index.html" in packed
    assert [path for path in packed if path.startswith("connectors/console/web")] == []


def test_without_the_consoles_pages_there_is_no_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "PAGES", tmp_path / "index.html")
    with pytest.raises(SystemExit, match="make pages"):
        wheel.main(["--into", str(tmp_path)])
    assert list(tmp_path.glob("*.whl")) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(wheel.compiler() is None, reason="there is no C compiler, or no Python.h")
def test_the_compiled_wheel_passes_what_is_known_of_the_decisions(tmp_path: Path) -> None:
    built = wheel.build(tmp_path)
    wheel.unpack(built, installed := tmp_path / "installed")
    packed = {path.relative_to(installed).as_posix() for path in installed.rglob("*")}
    assert _sources() - packed == set()
    assert "connectors/console/static/index.html" in packed
    compiled = {path.partition(".")[0] + ".py" for path in packed if path.endswith(".so")}
    assert compiled >= set(wheel.compiled())
    assert "hot path compiled" in _run(installed, "-m", "streams.cli", "--version")
    where = (
        "import streams.domain.allocation.decide as it, schemas.avro_bodies as its; print(it.__file__, its.__file__)"
    )
    for path in _run(installed, "-c", where).split():
        assert Path(path).is_relative_to(installed) and path.endswith(".so")
    quiet = ("-q", "-p", "no:cacheprovider", "--import-mode=append", "-n", "2", "-m", "not long")
    told = _run(installed, "-m", "pytest", *quiet, *_TESTS)
    assert " passed" in told and "failed" not in told


def _run(installed: Path, *args: str) -> str:
    """By what is installed there: this folder's own packages come after it, if at all."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PENSTOCK_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-P", *args],
        env=clean | {"PYTHONPATH": str(installed)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def _sources() -> set[str]:
    """What a checkout has of the packages, and an installed Penstock needs."""
    packages = [ROOT / name for name in ("streams", "schemas", "connectors", "deploy")]
    files = [path.relative_to(ROOT) for package in packages for path in package.rglob("*") if path.is_file()]
    found = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    # The console's pages are installed as they are built; its pictures are the README's.
    return {path for path in found if not path.startswith(("connectors/console/web/", "connectors/console/pictures/"))}
