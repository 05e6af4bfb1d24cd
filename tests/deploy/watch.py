"""Prometheus, Alertmanager and a mail server on this machine, set up as deploy/ says: only places and waits differ.

Their waits are divided, so that a test takes seconds: an alert that fires after a minute fires after a few seconds, and what is mailed
every five minutes is mailed every few seconds. All else, limits and texts, is what is deployed.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from aiosmtpd.controller import Controller

from deploy.alertmanager.__main__ import render
from deploy.local.process import free_ports
from tests.patience import PATIENCE_S

DEPLOY = Path(__file__).parents[2] / "deploy"
PROGRAMS = ("prometheus", "prometheus-alertmanager")
ONCALL, DAYTIME = "oncall@shop.example", "daytime@shop.example"
#: Rules wait a tenth of their time: not less, since a scrape of a busy machine may come seconds late.
_RULES, _MAILS = 10, 60
_OUTAGE = "(sink_outage_seconds)"


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


class Mail(NamedTuple):
    to: tuple[str, ...]
    subject: str
    body: str


class Mailbox:
    """aiosmtpd's handler: keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(
            Mail(tuple(envelope.rcpt_tos), message["Subject"], message.get_body(("plain",)).get_content())
        )
        return "250 OK"

    def wait_for(self, subject: str, line: str = "", timeout_s: float = PATIENCE_S) -> Mail:
        """The first mail whose subject begins so and whose text has this line."""
        return until(
            lambda: next((m for m in self.mails if m.subject.startswith(subject) and line in m.body), None),
            timeout_s,
            lambda: f"no mail {subject!r} with {line!r}; there came: {self.mails}",
        )


class Watch(NamedTuple):
    """What stands: both programs' addresses, and where the mails arrive."""

    prometheus: str
    alertmanager: str
    mailbox: Mailbox

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The series of an expression, as they are now."""
        found: list[dict[str, Any]] = _get(f"{self.prometheus}/api/v1/query", query=expr)["data"]["result"]
        return found

    def told(self, alert: str, timeout_s: float = PATIENCE_S) -> list[str]:
        """What Alertmanager does with an alert's instances, as soon as it knows of any: active, suppressed."""
        url = f"{self.alertmanager}/api/v2/alerts"
        alerts = until(
            lambda: _get(url, filter=f'alertname="{alert}"'), timeout_s, lambda: f"nobody told Alertmanager of {alert}"
        )
        return [it["status"]["state"] for it in alerts]


def _get(url: str, **parameters: str) -> Any:
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(parameters)}", timeout=30) as answer:
        return json.load(answer)


@contextmanager
def watching(folder: Path, targets: Mapping[str, list[str]]) -> Iterator[Watch]:
    """``targets``: host:port of processes, by the job of prometheus.yml that scrapes them; jobs not named scrape nothing."""
    mailbox = Mailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0])
    prometheus, alertmanager = free_ports(2)
    with ExitStack() as stack:
        smtp.start()
        stack.callback(smtp.stop)
        _write_alertmanager(folder / "alertmanager.yml", smtp.port)
        _write_prometheus(folder, alertmanager, targets)
        stack.enter_context(
            _running(
                folder / "alertmanager.log",
                f"http://127.0.0.1:{alertmanager}/-/ready",
                "prometheus-alertmanager",
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
            )
        )
        stack.enter_context(
            _running(
                folder / "prometheus.log",
                f"http://127.0.0.1:{prometheus}/-/ready",
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{prometheus}",
            )
        )
        yield Watch(f"http://127.0.0.1:{prometheus}", f"http://127.0.0.1:{alertmanager}", mailbox)


Found = Any


def until(look: Callable[[], Found], timeout_s: float, failed: Callable[[], str]) -> Found:
    """What ``look`` finds, as soon as it finds something; fails with what ``failed`` says."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, failed()
        time.sleep(0.1)
    return found


def _write_alertmanager(path: Path, smtp_port: int) -> None:
    config = render(
        {
            "PENSTOCK_SMTP": f"127.0.0.1:{smtp_port}",
            "PENSTOCK_MAIL_FROM": "penstock@shop.example",
            "PENSTOCK_MAIL_ONCALL": ONCALL,
            "PENSTOCK_MAIL_DAYTIME": DAYTIME,
            "PENSTOCK_SMTP_TLS": "false",
        }
    )
    path.write_text(_hurried(config, r"group_(?:wait|interval)", _MAILS))


def _write_prometheus(folder: Path, alertmanager_port: int, targets: Mapping[str, list[str]]) -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert targets.keys() <= jobs.keys(), f"prometheus.yml scrapes {list(jobs)}"
    for name, job in jobs.items():
        job["static_configs"] = [{"targets": targets.get(name, [])}]
    [alertmanagers] = config["alerting"]["alertmanagers"]
    alertmanagers["static_configs"] = [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (folder / "rules").mkdir()
    for rules in (DEPLOY / "prometheus/rules").glob("*.yml"):
        text = _hurried(rules.read_text(), "for|keep_firing_for", _RULES)
        # Its limit is a wait too.
        assert _OUTAGE in text
        (folder / "rules" / rules.name).write_text(text.replace(f"{_OUTAGE} > 60", f"{_OUTAGE} > {60 // _RULES}"))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))


def _hurried(text: str, names: str, divisor: int) -> str:
    """The text with the waits of these names divided."""

    def divided(found: re.Match[str]) -> str:
        seconds = int(found[2]) * {"s": 1, "m": 60, "h": 3600}[found[3]]
        return f"{found[1]}: {seconds * 1000 // divisor}ms"

    return re.sub(rf"\b({names}): (\d+)([smh])\b", divided, text)


@contextmanager
def _running(log: Path, ready: str, *command: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: _answers(process, ready, log), 60, lambda: f"{command[0]} does not answer: {log.read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], url: str, log: Path) -> bool:
    assert process.poll() is None, f"{process.args} ended: {log.read_text()}"
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
