"""Alertmanager's configuration: what the environment must say, and who is mailed for what."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from deploy.alertmanager.__main__ import TEMPLATE, InvalidAddress, render

ENV = {
    "PENSTOCK_SMTP": "mail.shop.example:587",
    "PENSTOCK_MAIL_FROM": "penstock@shop.example",
    "PENSTOCK_MAIL_ONCALL": "oncall@shop.example,boss@shop.example",
    "PENSTOCK_MAIL_DAYTIME": "daytime@shop.example",
}

amtool = pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (Debian's package prometheus-alertmanager has it)"
)


def addresses(config: str) -> dict[str, str]:
    return {r["name"]: r["email_configs"][0]["to"] for r in yaml.safe_load(config)["receivers"]}


def test_addresses_and_server_go_in_as_they_are() -> None:
    config = render({**ENV, "PENSTOCK_SMTP_USER": 'a"b: c', "PENSTOCK_SMTP_PASSWORD_FILE": "/run/secrets/smtp"})
    assert addresses(config) == {"oncall": "oncall@shop.example, boss@shop.example", "daytime": "daytime@shop.example"}
    settings = yaml.safe_load(config)["global"]
    assert settings["smtp_smarthost"] == "mail.shop.example:587" and settings["smtp_require_tls"] is True
    assert settings["smtp_auth_username"] == 'a"b: c'
    assert settings["smtp_auth_password_file"] == "/run/secrets/smtp"
    assert "${" not in config


def test_without_a_daytime_address_those_on_call_get_everything() -> None:
    env = {name: value for name, value in ENV.items() if name != "PENSTOCK_MAIL_DAYTIME"}
    assert set(addresses(render(env)).values()) == {"oncall@shop.example, boss@shop.example"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"PENSTOCK_SMTP": ""}, "PENSTOCK_SMTP is '': set it to the mail server's host:port"),
        ({"PENSTOCK_SMTP": "mail.shop.example"}, "PENSTOCK_SMTP is 'mail.shop.example'"),
        ({"PENSTOCK_SMTP": "mail.shop.example:70000"}, "PENSTOCK_SMTP is 'mail.shop.example:70000'"),
        ({"PENSTOCK_MAIL_FROM": "a@b.example, c@d.example"}, "set it to one mail address"),
        ({"PENSTOCK_MAIL_ONCALL": "a@b.example, nobody"}, "PENSTOCK_MAIL_ONCALL is 'a@b.example, nobody'"),
        ({"PENSTOCK_SMTP_TLS": "yes"}, "PENSTOCK_SMTP_TLS is 'yes': set it to true or false"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value_and_the_fix(change: Mapping[str, str], said: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        render({**ENV, **change})
    assert said in str(caught.value)


def test_the_command_prints_it_or_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.alertmanager"]
    good = subprocess.run(command, env={**os.environ, **ENV}, capture_output=True, text=True, timeout=60)
    assert good.returncode == 0 and good.stdout == render(ENV)
    bad = subprocess.run(
        command, env={**os.environ, **ENV, "PENSTOCK_SMTP": ""}, capture_output=True, text=True, timeout=60
    )
    assert bad.returncode == 2 and len(bad.stderr.splitlines()) == 1 and not bad.stdout


@amtool
def test_alertmanager_takes_it_and_sends_each_severity_to_its_receiver(tmp_path: Path) -> None:
    path = tmp_path / TEMPLATE.name
    path.write_text(render(ENV))
    checked = subprocess.run(["amtool", "check-config", path], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for severity, receiver in {"critical": "oncall", "warning": "daytime"}.items():
        routed = ["amtool", "config", "routes", "test", f"--config.file={path}", f"severity={severity}"]
        assert subprocess.run(routed, capture_output=True, text=True, timeout=60).stdout.strip() == receiver
