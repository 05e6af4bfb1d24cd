"""``penstock config`` on a hub that works: applied, compared, written out, rolled back; bad documents change nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.documents.kinds import KINDS
from schemas.topics import DOCUMENTS, RELEASES
from tests.integration.conftest import Shop, penstock

Done = subprocess.CompletedProcess[str]


def config(shop: Shop, *args: str | Path, typed: str | bytes = "") -> Done:
    return shop.penstock("config", *map(str, args), typed=typed)


def answer(done: Done, code: int = 0) -> Any:
    assert done.returncode == code, done
    return json.loads(done.stdout)


@pytest.fixture
def names(shop: Shop) -> Iterator[str]:
    """A name that no other test's documents have."""
    yield f"doc{shop.order_no()[-4:]}"


def rules(name: str, metres: int = 800_000, *, warehouse: str = "hz1") -> str:
    return f"""kind = "rules"
version = 1
name = "{name}"

[[strategies]]
name = "near"
filters = [{{ filter = "distance", metres = {metres} }}]
rank = {{ mode = "lexicographic", criteria = [{{ by = "sequence", warehouses = ["{warehouse}"] }}, {{ by = "distance" }}] }}

[default]
rank = {{ mode = "lexicographic", criteria = [{{ by = "distance" }}] }}
"""


def bundles(name: str, sku: str, pieces: int = 4) -> str:
    return f"""kind = "bundles"
version = 1
name = "{name}"

[[bundles]]
sku = "{sku}"
parts = [{{ sku = "{sku}-POT" }}, {{ sku = "{sku}-CUP", pieces = {pieces} }}]
"""


def warehouses(name: str, *codes: str, more: str = "") -> str:
    rows = "".join(f'\n[[warehouses]]\ncode = "{code}"\nprovince = "云南"\n{more}' for code in codes)
    return f'kind = "warehouses"\nversion = 1\nname = "{name}"\n{rows}'


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def ends(shop: Shop) -> list[int]:
    topics = (DOCUMENTS, RELEASES, "config.warehouses", "config.bundles", "audit")
    return [sum(shop.cluster.ends(topic).values()) for topic in topics]


def newest(shop: Shop, topic: str, key: str) -> Any:
    return shop.records(topic, key)[-1][1]


def test_a_document_is_applied_changed_compared_and_rolled_back(shop: Shop, names: str, tmp_path: Path) -> None:
    file, document = written(tmp_path, "rules.toml", rules(names)), f"rules/{names}"
    done = config(shop, "apply", file, "--because", "spring")
    assert (done.returncode, done.stdout) == (0, f"{document}@1 is live; before it was none\n"), done
    # The same content, however it is written.
    again = config(shop, "apply", written(tmp_path, "same.toml", "# a remark\n" + rules(names)), "--json")
    assert answer(again) == {
        "documents": [{"document": document, "answer": "unchanged"}],
        "warehouses": [],
        "bundles": [],
        "pools": [],
    }
    assert config(shop, "diff", file).stdout == "nothing is different\n"

    written(tmp_path, "rules.toml", rules(names, 900_000))
    compared = config(shop, "diff", file)
    assert compared.returncode == 1
    assert compared.stdout.splitlines() == [
        f"{document}@1 -> {file}",
        "  $.strategies[near].filters[0].metres: 800000 -> 900000",
    ]
    at = ends(shop)
    tried = config(shop, "apply", file, "--dry-run")
    assert ends(shop) == at
    assert tried.stdout == f"{document}@2 would be live; now it is 1\n"
    assert config(shop, "apply", file).stdout == f"{document}@2 is live; before it was 1\n"
    (two,) = answer(config(shop, "diff", f"{document}@2", f"{document}@1", "--json"), 1)
    assert two == {
        "document": document,
        "from": f"{document}@2",
        "to": f"{document}@1",
        "differences": [{"where": "$.strategies[near].filters[0].metres", "before": 900000, "after": 800000}],
    }

    back = config(shop, "rollback", document, "--because", "too far")
    assert back.stdout == f"{document}@1 is live; before it was 2\n"
    found = answer(config(shop, "history", document, "--json"))
    assert [(each["version"], each["in_use"], each["note"]) for each in found["versions"]] == [
        (2, [], ""),
        (1, ["live"], "spring"),
    ]
    assert [(each["action"], each["details"]["live"], each["reason"]) for each in found["done"]] == [
        ("config.rolled_back", "1", "too far"),
        ("config.applied", "2", ""),
        ("config.applied", "1", "spring"),
    ]
    (mine,) = [each for each in answer(config(shop, "list", "--json")) if each["document"] == document]
    assert (mine["live"], mine["newest"], mine["previous"]) == (1, 2, None)
    assert f"{document}@2" in config(shop, "history", document).stdout and document in config(shop, "list").stdout


def test_what_is_written_out_is_unchanged_when_it_is_applied_again(shop: Shop, names: str, tmp_path: Path) -> None:
    written(tmp_path, "in/rules.toml", rules(names))
    written(tmp_path, "in/more/bundles.toml", bundles(names, f"SET-{names}"))
    assert config(shop, "apply", tmp_path / "in").returncode == 0
    done = config(shop, "export", tmp_path / "out")
    assert done.returncode == 0, done
    text = (tmp_path / "out" / "rules" / f"{names}.toml").read_text("utf-8")
    assert text.startswith(f"# penstock config: rules/{names}@1\n")
    # The shop's own warehouses were set by no document.
    by_hand = tmp_path / "out" / "warehouses" / "by-hand.toml"
    assert 'code = "hz1"' in by_hand.read_text("utf-8")
    before = shop.records("config.warehouses")
    found = answer(config(shop, "apply", tmp_path / "out", "--json"))
    assert {each["answer"] for each in found["documents"] if "by-hand" not in each["document"]} == {"unchanged"}
    assert (found["warehouses"], found["bundles"], shop.records("config.warehouses")) == ([], [], before)
    assert config(shop, "export", "--of", f"rules/{names}").stdout == text
    # And again: nothing is written over that says something else.
    written(tmp_path, f"out/rules/{names}.toml", text + "# mine\n")
    refused = config(shop, "export", tmp_path / "out")
    assert refused.returncode == 2 and "says something else: --overwrite writes over it" in refused.stderr
    assert config(shop, "export", tmp_path / "out", "--overwrite").returncode == 0


def test_who_goes_on_from_what_is_not_live_any_more_is_refused_with_who_was_there(
    shop: Shop, names: str, tmp_path: Path
) -> None:
    document = f"rules/{names}"
    config(shop, "apply", written(tmp_path, "1.toml", rules(names)))
    mine = config(shop, "export", "--of", document).stdout
    config(shop, "apply", written(tmp_path, "2.toml", rules(names, 700_000)))
    at = ends(shop)
    done = config(shop, "apply", written(tmp_path, "mine.toml", mine.replace("800000", "600000")))
    assert (
        done.returncode == 2
        and f"goes on from {document}@1, and by " in done.stderr
        and "another is live, 2" in done.stderr
    )
    assert ends(shop) == at
    bare = mine.split("\n", 1)[1].replace("800000", "600000")
    assert config(shop, "apply", "-", typed=bare).stdout == f"{document}@3 is live; before it was 2\n"


def test_warehouses_of_a_document_take_orders_and_one_that_is_left_out_is_disabled(
    shop: Shop, names: str, tmp_path: Path
) -> None:
    one, other = f"{names}-a", f"{names}-b"
    file = written(tmp_path, "w.toml", warehouses(names, one, other, more="max_open_units = 50\n"))
    assert answer(config(shop, "apply", file, "--because", "opened", "--json"))["warehouses"] == [one, other]
    record = newest(shop, "config.warehouses", one)
    assert (record["name"], record["province"], record["max_open_units"], record["enabled"]) == (one, "云南", 50, True)
    sku = f"SKU-{names}"
    assert shop.penstock("stock", "receive", sku, "2", "--warehouse", one).returncode == 0
    shop.becomes(shop.place(shop.order_no(), sku, 2), "ALLOCATED")
    assert shop.level(sku, one) == (2, 2)

    written(tmp_path, "w.toml", warehouses(names, other, more="max_open_units = 50\n"))
    done = config(shop, "apply", file)
    assert f"  warehouse {one}: 云南, disabled" in done.stdout.splitlines() and other not in done.stdout, done
    assert newest(shop, "config.warehouses", one)["enabled"] is False
    # What people set by hand is noticed, and set again.
    assert shop.penstock("warehouse", "disable", other).returncode == 0
    assert answer(config(shop, "apply", file, "--json"))["warehouses"] == [other]
    assert newest(shop, "config.warehouses", other)["enabled"] is True
    back = config(shop, "rollback", f"warehouses/{names}", "--json")
    assert answer(back)["warehouses"] == [one] and newest(shop, "config.warehouses", one)["enabled"] is True
    subject = f"warehouse:{one}"
    assert [entry["action"] for _, entry in shop.records("audit", subject)] == [
        "warehouse.set",
        "warehouse.disabled",
        "warehouse.enabled",
    ]


def test_bundles_of_a_document_are_the_hubs_and_gone_with_it(shop: Shop, names: str, tmp_path: Path) -> None:
    sku, other = f"SET-{names}", f"SET2-{names}"
    text = bundles(names, sku)
    assert answer(config(shop, "apply", "-", "--json", typed=text))["bundles"] == [sku]
    assert [(p["sku"], p["quantity"]) for p in newest(shop, "config.bundles", sku)["parts"]] == [
        (f"{sku}-POT", 1),
        (f"{sku}-CUP", 4),
    ]
    assert answer(config(shop, "apply", "-", "--json", typed=bundles(names, other)))["bundles"] == [sku, other]
    assert newest(shop, "config.bundles", sku)["parts"] == [] and newest(shop, "config.bundles", sku)["version"] == 2
    assert newest(shop, "config.bundles", other)["parts"] != []


def test_what_stood_before_is_not_rolled_back_to_where_it_contradicts_what_was_set_since(
    shop: Shop, names: str
) -> None:
    one, other = f"S-{names}", f"T-{names}"
    assert config(shop, "apply", "-", typed=bundles(names, one)).returncode == 0
    assert config(shop, "apply", "-", typed=bundles(names, other)).returncode == 0
    # One's part is a bundle now, which it may be as nothing is made of it any more.
    assert shop.penstock("bundle", "set", f"{one}-CUP", "LID").returncode == 0
    at = ends(shop)
    done = config(shop, "rollback", f"bundles/{names}")
    assert (done.returncode, ends(shop)) == (1, at) and f'"{one}-CUP": is a bundle itself' in done.stdout, done


def test_all_of_a_folder_or_nothing_and_every_fault_of_all_is_told(shop: Shop, names: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    written(folder, "a.toml", rules(names, warehouse="HZ9"))
    written(folder, "b.toml", bundles(names, "X").replace("version = 1", "version = 2"))
    written(folder, "c.json", '{"kind": "warehouses"')
    written(folder, "d.toml", 'version = 1\nname = "x"\n')
    written(folder, "e.toml", "\u4e2d".encode("gb18030"))
    written(folder, "f.toml", bundles(f"{names}-f", "SET-F"))
    written(folder, "g.toml", bundles(f"{names}-f", "SET-G"))
    (folder / "h.toml").symlink_to("h.toml")
    (folder / "i").symlink_to(folder)
    written(folder, "j.toml", b"x" * 4_000_001)
    written(folder, "k.toml", warehouses(f"{names}/k", "K1").replace("云南", "Nowhere"))
    os.mkfifo(folder / "l.toml")
    written(folder, "m.toml", warehouses(f"{names}-m", "M1", "M1", more="priority = '1'\n"))
    written(folder, "README.md", "is none")
    at = ends(shop)
    done = config(shop, "apply", folder)
    assert (done.returncode, ends(shop)) == (1, at), done
    said = done.stdout.replace(f"{folder}/", "")
    for part in (
        'a.toml:8: $.strategies[0].rank.criteria[0].warehouses[0] = "HZ9": is no warehouse that is set up',
        "b.toml:2: $.version = 2: is no version that this Penstock reads: 1",
        "c.json:1: $: this is no JSON: ",
        f"d.toml:1: $.kind: is missing: one of {', '.join(KINDS)}",
        "e.toml:1: $: is not UTF-8: save it as UTF-8",
        f'g.toml:3: $.name = "{names}-f": is the name of {folder}/f.toml already: one of them has to go'.replace(
            f"{folder}/", ""
        ),
        "h.toml:1: $: cannot be read: Too many levels of symbolic links",
        "i:1: $: leads back to a folder that it lies in: take the link out",
        "j.toml:1: $: the document has 4,000,001 bytes: at most 1,000,000",
        f'k.toml:3: $.name = "{names}/k": has a slash, @ or what cannot be printed in it',
        'k.toml:7: $.warehouses[0].province = "Nowhere": is no place that is known: give latitude and longitude as well',
        "l.toml:1: $: is no file: documents are plain files",
        'm.toml:8: $.warehouses[0].priority = "1": is text: write a whole number, without quotes',
    ):
        assert part in said, (part, said)
    assert "f.toml:" not in said.replace("folder/f.toml", "") and "faults: nothing was changed" in done.stderr
    machine = answer(config(shop, "apply", folder, "--json"), 1)
    assert len(machine) == len(done.stdout.splitlines()) and {"file", "line", "path", "says"} <= machine[0].keys()


def test_names_that_are_applied_together_know_each_other(shop: Shop, names: str, tmp_path: Path) -> None:
    written(tmp_path, "rules.toml", rules(names, warehouse=f"{names}-z"))
    assert config(shop, "apply", tmp_path).returncode == 1
    written(tmp_path, "w.toml", warehouses(names, f"{names}-z"))
    assert config(shop, "apply", tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("apply", "{}/none.toml"), "cannot be read: No such file or directory"),
        (("apply", "{}"), "no document is in {}: they are files *.toml and *.json"),
        (("diff", "rules/nothing@3"), "there is no rules/nothing@3; versions of rules/nothing: none"),
        (("diff", "rules/nothing"), "nothing is live of rules/nothing: penstock config list shows what is"),
        (("export", "--of", "rules/nothing"), "nothing is live of rules/nothing"),
        (
            ("history", "rules/nothing"),
            "there is no document rules/nothing: penstock config list shows those there are",
        ),
        (("rollback", "rules/nothing"), "rules/nothing: nothing is released: there is nothing to roll back"),
        (("rollback", "rules/nothing", "--to", "2"), "there is no rules/nothing@2; versions of rules/nothing: none"),
    ],
)
def test_what_cannot_be_done_is_one_line(shop: Shop, tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    at = ends(shop)
    done = config(shop, *(each.format(tmp_path) for each in args))
    assert (done.returncode, ends(shop)) == (2, at) and says.format(tmp_path) in done.stderr, done
    assert len(done.stderr.splitlines()) == 1


def test_faults_are_told_in_chinese_too(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path, "x.toml", 'version = 1\nname = "x"\n[[bundles]]\n')
    done = shop.penstock("config", "apply", str(file))
    assert 'is missing: write kind = "bundles"' in done.stdout
    here = {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
    told = penstock("config", "apply", str(file), PENSTOCK_LANG="zh", **here)
    assert '缺少：请写 kind = "bundles"' in told.stdout and "处问题：什么也没有改" in told.stderr
