"""Documents on a real Kafka: written once, with who and why, all or nothing, and never over somebody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from schemas.codec import CODEC
from schemas.topics import DOCUMENTS, RELEASES
from streams.aside.config.changes import applying, publishing, releasing, rolling_back
from streams.aside.config.standing import ConfigRefused, document_of, standing
from streams.aside.config.store import write
from streams.domain.releases.sharing import Release
from streams.ops.actor import ALL_RIGHTS, Actor, NotAllowed, Right
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings
from tests.aside.config.made import bundles, version
from tests.conftest import Unique

LI, WANG = Actor("li", {Right.SETTINGS}), Actor("wang", ALL_RIGHTS)


@pytest.fixture
def cluster(kafka: str, unique: Unique, tmp_path: Path) -> Iterator[Cluster]:
    """Of a hub of its own, on topics that others use too: documents have the test's name."""
    it = Cluster(Settings.from_env({"PENSTOCK_DATA": str(tmp_path), "PENSTOCK_APP_ID": unique()}, brokers=kafka))
    it.create_topics()
    yield it


def apply(cluster: Cluster, name: str, pieces: int, by: Actor = LI) -> None:
    change = applying(standing(cluster), "bundles", bundles(pieces, name))
    assert change is not None
    write(cluster, [change], by=by, because="spring")


def test_a_version_is_written_with_its_release_and_its_audit_entry(cluster: Cluster, unique: Unique) -> None:
    name = unique()
    apply(cluster, name, 4)
    found = standing(cluster)
    there = found.live(f"bundles/{name}")
    assert there is not None and document_of(there) == bundles(4, name)
    assert (there["version"], there["by"], there["note"]) == (1, "li", "spring")
    assert there["digest"] == sha256(there["text"].encode()).hexdigest()
    release = found.releases[f"bundles/{name}"]
    assert (release["live"], release["change"], release["by"], release["reason"]) == (1, 1, "li", "spring")
    subject = f"config:bundles/{name}"
    ((_, entry),) = [CODEC.decode(m.value() or b"") for m in cluster.read("audit", key=subject)]
    assert (entry["action"], entry["by"], entry["reason"], entry["subject"]) == (
        "config.applied",
        "li",
        "spring",
        subject,
    )
    assert entry["details"] == {
        "version": "1",
        "digest": there["digest"],
        "live": "1",
        "previous": "none",
        "shadow": "none",
        "share": "none",
    }
    assert entry["at_ms"] == there["at_ms"] == release["at_ms"]


def test_the_second_of_two_who_decided_on_the_same_is_refused_with_what_the_first_did(
    cluster: Cluster, unique: Unique
) -> None:
    name = unique()
    seen = standing(cluster)
    apply(cluster, name, 5, WANG)
    change = applying(seen, "bundles", bundles(4, name))
    assert change is not None
    with pytest.raises(ConfigRefused, match=f"bundles/{name}@1 was published meanwhile, by wang"):
        write(cluster, [change], by=LI, because="")
    there = standing(cluster).live(f"bundles/{name}")
    assert there is not None and document_of(there) == bundles(5, name)


def test_a_release_that_somebody_changed_meanwhile_is_not_changed_over_them(cluster: Cluster, unique: Unique) -> None:
    name = unique()
    document = f"bundles/{name}"
    apply(cluster, name, 4)
    apply(cluster, name, 5)
    seen = standing(cluster)
    back = rolling_back(seen, document)
    assert back is not None
    write(cluster, [back], by=WANG, because="")
    change = releasing(seen, document, Release(None, 2, None, 1))
    assert change is not None
    with pytest.raises(ConfigRefused, match=f"version 1 of {document} was made live meanwhile, by wang"):
        write(cluster, [change], by=LI, because="")
    assert standing(cluster).releases[document]["live"] == 1


def test_of_several_nothing_is_written_where_one_cannot_be(cluster: Cluster, unique: Unique) -> None:
    one, other = unique(), unique()
    seen = standing(cluster)
    changes = [applying(seen, "bundles", bundles(4, name)) for name in (one, other)]
    apply(cluster, other, 5, WANG)
    with pytest.raises(ConfigRefused, match=other):
        write(cluster, [each for each in changes if each is not None], by=LI, because="")
    found = standing(cluster)
    assert found.newest(f"bundles/{one}") == 0 and found.newest(f"bundles/{other}") == 1


def test_many_at_the_same_time_each_come_through_once_or_are_refused(cluster: Cluster, unique: Unique) -> None:
    name = unique()
    seen = standing(cluster)
    said = list[str]()

    def one(pieces: int) -> None:
        change = applying(seen, "bundles", bundles(pieces, name))
        assert change is not None
        try:
            write(cluster, [change], by=Actor(f"p{pieces}", ALL_RIGHTS), because="")
            said.append("done")
        except (ConfigRefused, ClusterError) as exc:
            said.append(str(exc))

    them = [threading.Thread(target=one, args=(pieces,)) for pieces in range(1, 6)]
    for each in them:
        each.start()
    for each in them:
        each.join()
    written = [m for m in cluster.read(DOCUMENTS) if (m.key() or b"").startswith(f"bundles/{name}@".encode())]
    assert len(said) == 5 and said.count("done") == len(written) <= 1, said
    assert all("meanwhile" in each or "try again" in each for each in said if each != "done"), said


def test_what_is_published_alone_makes_no_release(cluster: Cluster, unique: Unique) -> None:
    name = unique()
    change = publishing(standing(cluster), "bundles", bundles(4, name))
    assert change is not None
    write(cluster, [change], by=LI, because="")
    found = standing(cluster)
    assert found.newest(f"bundles/{name}") == 1 and f"bundles/{name}" not in found.releases


def test_who_may_not_set_documents_writes_nothing(cluster: Cluster, unique: Unique) -> None:
    name = unique()
    change = applying(standing(cluster), "bundles", bundles(4, name))
    assert change is not None
    with pytest.raises(NotAllowed, match=r"config\.applied: it asks for the right settings"):
        write(cluster, [change], by=Actor("li", ALL_RIGHTS - {Right.SETTINGS}), because="")
    assert standing(cluster).newest(f"bundles/{name}") == 0


def test_what_was_tampered_with_is_not_used_and_others_are(cluster: Cluster, unique: Unique) -> None:
    name, other = unique(), unique()
    apply(cluster, other, 4)
    apply(cluster, name, 4)
    document = f"bundles/{name}"
    longer = version(bundles(400, name), 1, digest=version(bundles(4, name), 1)["digest"])
    elsewhere = version(bundles(4, other), 1)
    release = {**standing(cluster).releases[document], "document": "bundles/elsewhere"}
    cluster.publish([(DOCUMENTS, f"{document}@1", "ConfigDocument", longer)])
    cluster.publish([(DOCUMENTS, f"{document}@2", "ConfigDocument", elsewhere)])
    found = standing(cluster)
    assert "its text has the digest" in found.damaged[f"{document}@1"]
    assert found.damaged[f"{document}@2"] == f"its record says that it is bundles/{other}@1"
    with pytest.raises(ConfigRefused, match=f"{document}@1 cannot be used: its text has the digest"):
        found.live(document)
    assert found.newest(document) == 2 and found.live(f"bundles/{other}") is not None
    cluster.publish([(RELEASES, document, "ConfigRelease", release)])
    found = standing(cluster)
    assert found.damaged[document] == "its bytes do not say which version is in use"
    assert found.live(document) is None
    # Nobody else reads these topics' keys as documents: made right again, for them.
    cluster.publish([(DOCUMENTS, f"{document}@1", "ConfigDocument", version(bundles(4, name), 1))])


def test_a_hub_of_an_earlier_version_is_told_how_to_get_the_topics() -> None:
    class Earlier:
        def has(self, topic: str) -> bool:
            return False

    with pytest.raises(ClusterError, match=r"has no topic config\.documents yet: penstock topics create makes it"):
        standing(Earlier())  # type: ignore[arg-type]
