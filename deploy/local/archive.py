"""A class path as Java keeps it ready: an archive that is mapped at a start, instead of 7,000 classes read from 45 jars and checked.

Made once for a class path and a version of Java, by a run that is trained for it, and kept in the user's cache beside the jars. It may be
deleted at any time. Without one all works the same, and a start takes twice the CPU.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.jars import cache_dir, only_one
from schemas.terminal import Terminal


def options(java: Path, classpath: str, train: Callable[[Sequence[str]], None], console: Terminal) -> list[str]:
    """The JVM's options to start from the archive of this class path; none where it can't be made.

    ``train`` runs a JVM with the options it is given, and returns when that has ended. Safe when several processes ask at once: one
    makes the archive, the others wait for it.
    """
    path = cache_dir() / "classes" / f"{_key(java, classpath)}.aot"
    if not path.exists():
        with only_one(cache_dir() / "classes.lock"):
            # Another process may have made it while this one waited for the lock.
            if not path.exists():
                _make(path, train, console)
    # Empty: it could not be made, which is not tried at each start.
    return [f"-XX:AOTCache={path}"] if path.stat().st_size else []


def _make(path: Path, train: Callable[[Sequence[str]], None], console: Terminal) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with console.status("Making Kafka quick to start (once)"):
        try:
            # Machine code is left out: some starts can't use it, and say so.
            train(
                [
                    f"-XX:AOTCacheOutput={part}",
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:-AOTAdapterCaching",
                    "-XX:-AOTStubCaching",
                ]
            )
            problem = "Java wrote none"
        except LocalStackError as error:
            problem = str(error)
    if not part.exists():
        console.print(f"No archive of Kafka's classes in {path.parent}, brokers start more slowly: {problem}")
        part.touch()
    part.replace(path)


def _key(java: Path, classpath: str) -> str:
    """What Java itself holds an archive against: its own release, and each jar's place, size and time."""
    jars = [(jar, (stat := Path(jar).stat()).st_size, stat.st_mtime_ns) for jar in classpath.split(":")]
    release = java.resolve().parents[1] / "release"
    return hashlib.sha256(repr((release.read_text(), jars)).encode()).hexdigest()[:16]
