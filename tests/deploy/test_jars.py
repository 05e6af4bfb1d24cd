"""The broker's jars: pinned, fetched once, checked; a failing download says what failed and how to go on."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import DownloadFailed, jars
from deploy.local.jars import Jar

GOOD = Jar("org.example", "good", "1.0", hashlib.sha256(b"good").hexdigest())
OTHER = Jar("org.example", "other", "1.0", hashlib.sha256(b"other").hexdigest())


class Repository(SimpleHTTPRequestHandler):
    """A Maven repository in a folder, which counts the jars it gave."""

    asked: list[str]

    def do_GET(self) -> None:
        if self.path.endswith(".jar"):
            self.asked.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, list[str]]]:
    """The remote repository's folder and what was asked of it; the cache is empty, both jars are pinned."""
    folder = tmp_path / "remote"
    asked: list[str] = []
    folder.mkdir()
    handler = type("Handler", (Repository,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PENSTOCK_MAVEN", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("PENSTOCK_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(jars, "pinned_jars", lambda lock_file: [GOOD, OTHER])
        monkeypatch.setattr(jars, "ATTEMPTS", 2)
        yield folder, asked
        server.shutdown()


def publish(folder: Path, jar: Jar, content: bytes) -> None:
    path = jar.path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_jars_are_fetched_once(remote: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, asked = remote
    publish(folder, GOOD, b"good")
    publish(folder, OTHER, b"other")
    first = jars.classpath()
    assert [Path(part).read_bytes() for part in first.split(":")] == [b"good", b"other"]
    assert jars.classpath() == first
    assert len(asked) == 2


def test_two_first_starts_at_once_share_one_download(remote: tuple[Path, list[str]]) -> None:
    folder, asked = remote
    publish(folder, GOOD, b"good")
    publish(folder, OTHER, b"other")
    starts = [threading.Thread(target=jars.classpath) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(30)
    assert len(asked) == 2


def test_a_missing_jar_is_named_and_the_others_are_kept(remote: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, asked = remote
    publish(folder, GOOD, b"good")
    with pytest.raises(DownloadFailed, match=r"org\.example:other:1\.0 .*Run the same command again"):
        jars.classpath()
    assert GOOD.path(tmp_path / "cache" / "maven").read_bytes() == b"good"
    publish(folder, OTHER, b"other")
    asked.clear()
    jars.classpath()
    assert [path.rpartition("/")[2] for path in asked] == ["other-1.0.jar"]


def test_a_jar_with_other_content_is_refused(remote: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, _ = remote
    publish(folder, GOOD, b"good")
    publish(folder, OTHER, b"tampered")
    with pytest.raises(DownloadFailed, match=r"org\.example:other:1\.0 .*sha256"):
        jars.classpath()
    assert not OTHER.path(tmp_path / "cache" / "maven").exists()


def test_a_jar_that_was_changed_in_the_cache_is_said_and_never_used(
    remote: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, asked = remote
    publish(folder, GOOD, b"good")
    publish(folder, OTHER, b"other")
    jars.classpath()
    changed = OTHER.path(tmp_path / "cache" / "maven")
    changed.write_bytes(b"othex")
    asked.clear()
    used = jars.classpath()
    assert [Path(part).read_bytes() for part in used.split(":")] == [b"good", b"other"]
    assert [path.rpartition("/")[2] for path in asked] == ["other-1.0.jar"]
    assert f"{changed} is not what org.example:other:1.0 was pinned as" in capsys.readouterr().err
    # And where it can't be fetched, nothing starts.
    changed.write_bytes(b"othex")
    publish(folder, OTHER, b"othex")
    with pytest.raises(DownloadFailed, match="sha256"):
        jars.classpath()


def test_the_lock_file_names_the_broker_and_everything_it_needs() -> None:
    pinned = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars.pinned_jars()}
    assert set(jars.ROOTS) <= pinned
    assert len(pinned) == len(jars.pinned_jars()) > 40
