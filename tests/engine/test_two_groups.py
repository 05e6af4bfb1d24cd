"""Two groups read one topic: what one of them could not digest comes back to it alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streams.aside.places import Place
from streams.aside.quarantine import Item
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from tests.conftest import Unique
from tests.engine.harness import Rig, rig
from tests.patience import PATIENCE_S
from tests.people import person


def until(seen: Callable[[], int], wanted: int, log: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while seen() != wanted:
        assert time.monotonic() < deadline, f"{seen()}, not {wanted}\n{log()}"
        time.sleep(0.3)


def told(it: Rig) -> int:
    return len(it.read(f"{it.app_id}-out"))


def test_a_redriven_message_reaches_the_group_that_set_it_aside(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path / "sound") as sound, rig(kafka, unique(), tmp_path / "failing") as failing:
        for it in (sound, failing):
            it.folder.mkdir()
        topic = f"{sound.app_id}-in"
        sound.feed([(b"order", b"tell")])
        sound.start()
        worker = failing.start(SOURCE=topic, FAILS="1")
        until(lambda: told(sound), 1, sound.log)
        until(lambda: len(failing.read(f"{failing.app_id}.quarantine")), 1, failing.log)
        failing.stop(worker)
        # Mended, and sent again as the command line does.
        failing.start(SOURCE=topic)
        (message,) = failing.read(f"{failing.app_id}.quarantine")
        headers = {name: value.decode() for name, value in message.headers()}
        item = Item(Place("quarantine", 0, 0), 0, message.key(), message.value(), headers)
        assert item.group == failing.app_id
        for group, wanted in ((item.group, (1, 1)), ("", (2, 2))):
            sent = item.redriving(person("tests"), "", "", send=True, group=group).message
            assert sent is not None and sent.topic == topic
            work = Work()
            work.send(sent.topic, sent.key, sent.value, headers=sent.headers)
            transactor = Transactor(kafka, f"{topic}-again", Options())
            transactor.start()
            transactor.commit(work, None, {})
            transactor.close()
            until(lambda: told(failing), wanted[1], failing.log)
            # Without a group's name it is for both: so the first one has been read by both, and passed over by one.
            until(lambda: told(sound), wanted[0], sound.log)
        assert failing.decided() == sound.decided()
