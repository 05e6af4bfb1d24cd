"""``make wheel``: Penstock's wheel, its hot path compiled by mypyc where a C compiler is.

    python -m deploy.wheel [--into dist] [--unpack FOLDER] [--interpreted]

The same files run either way: what is compiled lies in the wheel beside its source, and Python takes it first. So nothing is written here
for the compiler's sake, tests run on both forms (``tests/deploy/test_wheel.py``), and ``penstock --version`` says which one this is.
Without a C compiler, but with Python's headers, ``ziglang`` from pip is one. With neither the wheel is the interpreted one, and says so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
#: Kept from one build to the next: what has not changed is not compiled again.
WORK = _ROOT / "build" / "wheel"
_TREE = ("streams", "schemas", "connectors", "deploy", "pyproject.toml", "README.md", "LICENSE")
#: The console's pages go along as they are built, and not what they are built from.
_WEB = _ROOT / "connectors" / "console" / "web"
PAGES = _ROOT / "connectors" / "console" / "static" / "index.html"
#: Where an order's time goes: reading and writing records, the decisions, and the rows that a database is given of them.
_HOT = (
    *(
        "schemas/avro_parts.py",
        "schemas/avro_bodies.py",
        "streams/domain/*.py",
        "streams/domain/*/*.py",
        "streams/domain/*/*/*.py",
    ),
    *("connectors/postgres/*row*.py", "connectors/postgres/batch.py"),
)
INTERPRETED = {
    "streams/domain/channels/payload.py": "mypyc has no classes that inherit from str",
    "streams/domain/reference": "tables that are read once",
    "streams/domain/risk": "commands alone score orders as yet",
}


def compiled() -> list[str]:
    """The files that are compiled, by their paths from the project's root."""
    found = (path.relative_to(_ROOT).as_posix() for pattern in _HOT for path in sorted(_ROOT.glob(pattern)))
    return [path for path in found if not path.endswith("__init__.py") and not path.startswith(tuple(INTERPRETED))]


def compiler() -> str | None:
    """A C compiler's command: the environment's, Python's own, ``cc``, else pip's ``ziglang``. None: there is none, or no headers."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return None
    for name in filter(None, (os.environ.get("CC"), str(sysconfig.get_config_var("CC") or ""), "cc")):
        if shutil.which(name.split()[0]):
            return name
    return f"{sys.executable} -m ziglang cc" if find_spec("ziglang") else None


def build(into: Path, *, interpreted: bool = False) -> Path:
    """Builds the wheel into a folder; compiling takes minutes the first time. Raises CalledProcessError: why was printed."""
    files = [] if interpreted else compiled()
    for name in _TREE:
        _copy(_ROOT / name, WORK / name)
    (WORK / "setup.py").write_text(_SETUP.format(files=files))
    _clear(WORK / "build", files)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        pip = ["pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        command = [sys.executable, "-m", *pip, "--wheel-dir", folder, str(WORK)]
        subprocess.run(command, env=os.environ | _tools(), check=True)
        (wheel,) = Path(folder).iterdir()
        into.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(wheel, into / wheel.name))


#: What setuptools has no word for in pyproject.toml. Imported where something is compiled alone: mypyc comes with what tests need.
_SETUP = """
from setuptools import setup

files = {files}
extensions = []
if files:
    from mypyc.build import mypycify

    extensions = mypycify(["--config-file=pyproject.toml", *files], opt_level="2", group_name="penstock")
setup(ext_modules=extensions)
"""


def _clear(build: Path, files: list[str]) -> None:
    """Of an earlier build only what is compiled anew is kept: setuptools packs whatever lies there."""
    kept = {Path(path).stem for path in files} | {"penstock__mypyc"}
    for path in build.glob("lib*/**/*"):
        if path.is_file() and not (files and path.suffix == ".so" and path.name.partition(".")[0] in kept):
            path.unlink()


def _tools() -> dict[str, str]:
    found = compiler()
    if found is None:
        return {}
    return {"CC": found, "LDSHARED": f"{found} -shared"} if "ziglang" in found else {"CC": found}


def _copy(source: Path, target: Path) -> None:
    """Times are kept, so that what is as it was is not built again; what is gone there goes here too."""
    if target.is_dir():
        shutil.rmtree(target)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_left)
    else:
        shutil.copy2(source, target)


def _left(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or Path(folder, name) == _WEB}


def unpack(wheel: Path, folder: Path) -> None:
    """Its packages in a folder for PYTHONPATH, in place of what stood there."""
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.wheel", description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=Path("dist"), help="folder of the wheel (%(default)s)")
    parser.add_argument("--unpack", type=Path, metavar="FOLDER", help="unpacks it there too, to be named in PYTHONPATH")
    parser.add_argument("--interpreted", action="store_true", help="for every Python and system; nothing is compiled")
    args = parser.parse_args(arguments)
    if not PAGES.exists():
        sys.exit("the console's pages are not built, and a wheel without them would be half of one: make pages")
    interpreted = args.interpreted
    if not interpreted and compiler() is None:
        print(
            "Nothing is compiled: there is no C compiler, or Python's headers are not there. Install them; "
            "`pip install ziglang` is a compiler.",
            file=sys.stderr,
        )
        interpreted = True
    if not interpreted:
        print(f"Compiling {len(compiled())} files, which takes some minutes the first time", file=sys.stderr)
    try:
        wheel = build(args.into, interpreted=interpreted)
    except subprocess.CalledProcessError:
        sys.exit("the wheel could not be built: see above")
    print(wheel)
    if args.unpack:
        unpack(wheel, args.unpack)


if __name__ == "__main__":
    main(sys.argv[1:])
