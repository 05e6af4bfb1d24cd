"""``make lock``: writes the files beside this one, which name every package that ``make`` installs, with the hashes of all its files.

What is wanted, and why, stands in pyproject.toml (for the benchmark's peers in tests/bench/requirements.txt). Here stands what that needs
in turn, for each Python and system that there are wheels for. Versions stay as they are, unless what is wanted says otherwise;
``ARGS="--upgrade"`` has all newer ones.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
_ROOT = HERE.parents[1]
#: A kept resolver that locks for every platform at once; pip's own does for the one that it runs on.
UV = "uv==0.13.9"


def wanted() -> dict[str, list[str]]:
    """Name of a file -> what it is to hold, each on top of the one before it but those that stand alone."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())
    extras = {
        name: [each for each in found if not each.startswith("penstock[")]
        for name, found in project["project"]["optional-dependencies"].items()
    }
    # What builds Penstock is installed with the rest: pip would fetch it unseen.
    run = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    return {
        "run": run,
        "dev": [*run, *extras["registry"], *extras["dev"]],
        "web": extras["web"],
        "fuzz": extras["fuzz"],
        "bench": (_ROOT / "tests" / "bench" / "requirements.txt").read_text().splitlines(),
        "lock": [UV],
    }


def pinned(text: str) -> dict[str, str]:
    """Name of each package of a lock -> its version."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^ \\;]+)", text, re.M))


def main(arguments: list[str]) -> None:
    """Raises CalledProcessError where there is no set of versions that fits; uv has said why."""
    known: dict[str, str] = {}
    for name, requirements in wanted().items():
        path = HERE / f"{name}.txt"
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as same:
            # The benchmark's peers want other versions.
            same.writelines(f"{package}=={version}\n" for package, version in known.items() if name in ("dev", "fuzz"))
            same.flush()
            command = [
                sys.executable,
                "-m",
                "uv",
                "pip",
                "compile",
                "-",
                "--universal",
                "--python-version",
                "3.11",
                "--quiet",
            ]
            command += [
                "--generate-hashes",
                "--no-emit-index-url",
                "--no-annotate",
                "--custom-compile-command",
                "make lock",
            ]
            command += ["--constraints", same.name, "--output-file", str(path), *arguments]
            subprocess.run(
                command,
                cwd=_ROOT,
                input="\n".join(requirements),
                text=True,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        known |= pinned(path.read_text())
        print(f"{path.relative_to(_ROOT)}: {len(pinned(path.read_text()))} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
