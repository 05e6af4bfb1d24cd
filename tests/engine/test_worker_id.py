"""A folder's id: made once, kept, and never none."""

from __future__ import annotations

from pathlib import Path

from streams.engine.options import worker_id


def test_an_id_is_kept_and_its_folders_alone(tmp_path: Path) -> None:
    one = worker_id(tmp_path / "0")
    assert one and worker_id(tmp_path / "0") == one != worker_id(tmp_path / "1")
    assert [path.name for path in (tmp_path / "0").iterdir()] == ["worker-id"]


def test_an_id_that_a_power_cut_has_emptied_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "worker-id").write_text("")
    made = worker_id(tmp_path)
    assert made and worker_id(tmp_path) == made
