"""README's programs for other languages, whole, against a real Kafka: with what the hub prints for clients, and nothing added."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import LocalKafka
from schemas.avsc import GOLDEN
from schemas.codec import CODEC
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from tests.bench import java_build
from tests.first_hour.typed import block
from tests.integration.conftest import penstock
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
JAVA = ROOT / "deploy" / "examples" / "java" / "ReadAllocations.java"
README = (ROOT / "deploy/README.md").read_text("utf-8")


def test_readme_has_the_java_program_as_it_is_run_here() -> None:
    (shown,) = re.findall(r"```java\n(.*?)```", README, re.DOTALL)
    assert shown == JAVA.read_text("utf-8")


def test_readme_names_the_jars_it_is_run_with_here() -> None:
    locked = java_build.LOCK_FILE.read_text("utf-8").replace(" ", "\n").splitlines()
    named = re.findall(r"`(org\.[\w.]+:[\w-]+:[\d.]+)`", README)
    assert len(named) == 3
    for coordinate in named:
        group, artifact, version = coordinate.split(":")
        assert any(f"{artifact}-{version}.jar" in line or f"{group}:{artifact}:{version}" in line for line in locked), (
            coordinate
        )


VERSIONS = sorted(GOLDEN.glob("OrderAllocated.v*.bin"))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Path]:
    """A folder like Penstock's, and beside it a hub with allocations of every version, behind the topic's other records."""
    others = [next(GOLDEN.glob(f"{name}.v1.bin")) for name in ("OrderBackordered", "AllocationReleased")]
    assert len(VERSIONS) > 1
    folder = tmp_path / "penstock"
    (folder / "deploy").mkdir(parents=True)
    for name in ("schemas", "deploy/examples"):
        (folder / name).symlink_to(ROOT / name)
    with LocalKafka(tmp_path / "data" / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=tmp_path / "data", kafka=kafka.client)
        Cluster(settings).create_topics()
        with Publisher(settings) as publisher:
            for message in (*others, *VERSIONS):
                publisher.send("allocations", f"taobao:{message.stem}", message.read_bytes())
        yield folder


def has_printed_all(done: subprocess.CompletedProcess[str]) -> None:
    """Those that stood there before it came, too, and nothing of the topic's other records."""
    assert done.returncode == 0, done
    printed = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert printed.keys() == {f"taobao:{message.stem}" for message in VERSIONS}, done
    for message in VERSIONS:
        parts = CODEC.decode(message.read_bytes())[1]["parts"]
        its = json.loads(printed[f"taobao:{message.stem}"])
        assert [(part["sku"], part["warehouse"], part["quantity"]) for part in its] == [
            (part["sku"], part["warehouse"], part["quantity"]) for part in parts
        ]


def test_the_java_program_prints_every_allocation_of_every_version(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_build, "FOLDER", ROOT / "deploy" / "examples")
    shown = penstock("kafka", "properties", "--java", PENSTOCK_DATA=str(hub.parent / "data"))
    assert shown.returncode == 0, shown
    (hub / "client.properties").write_text(shown.stdout)
    command = java_build.command("java", "ReadAllocations", str(len(VERSIONS)))
    has_printed_all(subprocess.run(command, cwd=hub, capture_output=True, text=True, timeout=PATIENCE_S))


@pytest.mark.long
@pytest.mark.parametrize(("program", "line"), [("npm", "npm ci"), ("go", "go build")])
def test_the_others_print_it_too_by_the_readmes_lines(hub: Path, program: str, line: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    *before, last = block(line)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    has_printed_all(
        subprocess.run(
            [
                "bash",
                "-ec",
                "\n".join((before[0], *(f"{each} >&2" for each in before[1:]), f"exec {last} {len(VERSIONS)}")),
            ],
            cwd=hub,
            env={**clean, "PENSTOCK_DATA": str(hub.parent / "data"), "PATH": path},
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
        )
    )
