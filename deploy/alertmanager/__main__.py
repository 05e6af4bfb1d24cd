"""Prints Alertmanager's configuration with this installation's addresses in it.

    python -m deploy.alertmanager > /etc/prometheus/alertmanager.yml

What goes in comes from the environment:

PENSTOCK_SMTP                host:port of the mail server
PENSTOCK_MAIL_FROM           whom the mails come from
PENSTOCK_MAIL_ONCALL         who is told at any hour; several addresses with commas between
PENSTOCK_MAIL_DAYTIME        who is told what can wait until morning       (the same)
PENSTOCK_SMTP_TLS            true, or false for a server without STARTTLS  (true)
PENSTOCK_SMTP_USER           account on the mail server                    (none)
PENSTOCK_SMTP_PASSWORD_FILE  file that holds its password                  (none)
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("alertmanager.yml")
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+")


class InvalidAddress(ValueError):
    """A variable is missing or cannot be used; the message names it, its value and what it should be."""


def render(env: Mapping[str, str]) -> str:
    """The configuration as YAML. Raises InvalidAddress."""
    oncall = _addresses(env, "PENSTOCK_MAIL_ONCALL")
    values: dict[str, str | bool] = {
        "PENSTOCK_SMTP": _smtp(env),
        "PENSTOCK_MAIL_FROM": _addresses(env, "PENSTOCK_MAIL_FROM", most=1),
        "PENSTOCK_MAIL_ONCALL": oncall,
        "PENSTOCK_MAIL_DAYTIME": _addresses(env, "PENSTOCK_MAIL_DAYTIME", default=oncall),
        "PENSTOCK_SMTP_TLS": _true_or_false(env, "PENSTOCK_SMTP_TLS"),
        "PENSTOCK_SMTP_USER": env.get("PENSTOCK_SMTP_USER", ""),
        "PENSTOCK_SMTP_PASSWORD_FILE": env.get("PENSTOCK_SMTP_PASSWORD_FILE", ""),
    }
    # JSON is YAML: quoted and escaped, so that a value stays a value.
    return Template(_without_head(TEMPLATE.read_text())).substitute({k: json.dumps(v) for k, v in values.items()})


def _without_head(text: str) -> str:
    """The template less the comment at its top, which speaks of itself."""
    lines = text.splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        del lines[0]
    return "".join(lines)


def _smtp(env: Mapping[str, str]) -> str:
    value = env.get("PENSTOCK_SMTP", "")
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise InvalidAddress(
            f"PENSTOCK_SMTP is {value!r}: set it to the mail server's host:port, such as mail.shop.cn:587"
        )
    return value


def _addresses(env: Mapping[str, str], name: str, *, default: str = "", most: int | None = None) -> str:
    value = env.get(name) or default
    parts = [part.strip() for part in value.split(",")]
    if not all(_ADDRESS.fullmatch(part) for part in parts) or (most is not None and len(parts) > most):
        wanted = "one mail address" if most == 1 else "mail addresses with commas between"
        raise InvalidAddress(f"{name} is {value!r}: set it to {wanted}, such as sre@shop.cn")
    return ", ".join(parts)


def _true_or_false(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name) or "true"
    if value not in ("true", "false"):
        raise InvalidAddress(f"{name} is {value!r}: set it to true or false")
    return value == "true"


def main(arguments: list[str]) -> int:
    """Exit code 2 and one line on standard error for what a user can put right."""
    if arguments:
        print(__doc__.strip(), file=sys.stdout if arguments[0] in ("-h", "--help") else sys.stderr)
        return 0 if arguments[0] in ("-h", "--help") else 2
    try:
        print(render(os.environ), end="")
    except InvalidAddress as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
