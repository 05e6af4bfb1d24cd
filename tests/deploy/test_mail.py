"""A hub that is watched, everything in it real: each panel shows something, and what fails is mailed, and that it has healed."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator

import pytest

from deploy.grafana.__main__ import OUTPUT
from tests.deploy.hub import Hub, running_hub
from tests.deploy.watch import DAYTIME, ONCALL, Watch, missing_programs, until, watching

pytestmark = [
    pytest.mark.skipif(
        bool(missing_programs()),
        reason=f"not installed: {', '.join(missing_programs())} (Debian's packages of these names: apt-get install)",
    ),
    pytest.mark.long,
    # The first test starts seven processes.
    pytest.mark.timeout(900),
]

#: What does not happen in a hub that is well: there is no series of it.
NEVER_YET = (
    *("engine_aborted_batches_total", "sink_refused_records_total"),
    # No version of its rules is on trial.
    *("hub_compared_decisions_total", "hub_guardrail_figure", "hub_guardrail_limit"),
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def watch(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    hub.open()
    with watching(tmp_path_factory.mktemp("watch"), hub.targets) as watch:
        yield watch


def test_every_panel_shows_something(hub: Hub, watch: Watch) -> None:
    panels = json.loads(OUTPUT.read_text())["panels"]
    left = {
        f"{panel['title']} {target['refId']}": target["expr"]
        .replace("$__rate_interval", "1m")
        .replace("$channel", ".*")
        for panel in panels
        for target in panel.get("targets", ())
        if not any(metric in target["expr"] for metric in NEVER_YET)
    }

    def all_seen() -> bool:
        for name, expr in list(left.items()):
            if any(series["value"][1] != "NaN" for series in watch.query(expr)):
                del left[name]
        return not left

    with hub.trading():
        until(all_seen, 120, lambda: f"nothing to see: {sorted(left)}")


def test_one_record_set_aside_is_mailed(watch: Watch) -> None:
    mail = watch.mailbox.wait_for("[WARNING] Records in quarantine: 1")
    assert mail.to == (DAYTIME,)
    assert "What to do: deploy/runbooks/poison-order.md" in mail.body


@pytest.fixture(scope="module")
def trouble(hub: Hub, watch: Watch) -> None:
    """Everything fails at once."""
    hub.channel.broken = True
    hub.postgres.kill()
    hub.worker.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def healed(trouble: None, hub: Hub, watch: Watch) -> None:
    """All of it works again, after all of it was mailed."""
    for told in ("Sink postgres cannot write for ", "Interface channel.jd fails its check.", "No worker is left"):
        watch.mailbox.wait_for("[", told)
    hub.channel.broken = False
    hub.postgres.start()
    hub.worker.start()


def test_a_database_that_is_killed_is_mailed_to_who_is_on_call(trouble: None, watch: Watch) -> None:
    mail = watch.mailbox.wait_for("[CRITICAL] Sink postgres cannot write for ")
    assert mail.to == (ONCALL,)
    assert "DatabaseWriteFailing, critical, since 20" in mail.body
    assert "Orders are decided as before and wait in Kafka" in mail.body
    assert "What to do: deploy/runbooks/sink-down.md" in mail.body


def test_an_interface_that_fails_is_mailed(trouble: None, watch: Watch) -> None:
    # The database is an interface too, and fails its check in the same moment: they may come in one mail.
    mail = watch.mailbox.wait_for("[WARNING] Interface", "Interface channel.jd fails its check.")
    assert mail.to == (DAYTIME,)
    assert "InterfaceFailing, warning, since 20" in mail.body
    assert "channel.jd does not answer as it should. `penstock status` shows the error and since when." in mail.body
    assert watch.mailbox.wait_for("[WARNING] Interface", "Interface postgres fails its check.").to == (DAYTIME,)


def test_the_last_worker_that_is_killed_is_mailed_once(trouble: None, hub: Hub, watch: Watch) -> None:
    mail = watch.mailbox.wait_for("[CRITICAL] No worker is left: no order is decided")
    assert mail.to == (ONCALL,)
    assert "Orders are safe in Kafka and wait; start the workers." in mail.body
    assert "What to do: deploy/runbooks/rebalance-storm.md" in mail.body
    # That it does not answer is seen too, but follows from it.
    assert watch.told("WorkerDown") == ["suppressed"]


@pytest.mark.parametrize(
    ("subject", "was", "to"),
    [
        ("[HEALED] was: Sink postgres cannot write for ", "It was: Sink postgres cannot write for ", ONCALL),
        ("", "It was: Interface channel.jd fails its check.", DAYTIME),
        ("[HEALED] was: No worker is left", "It was: No worker is left", ONCALL),
    ],
)
def test_what_has_healed_is_mailed_to_whom_it_was_told(
    healed: None, watch: Watch, subject: str, was: str, to: str
) -> None:
    mail = watch.mailbox.wait_for(subject, was)
    assert mail.to == (to,)
    assert re.search(r"has healed: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d to 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", mail.body)
