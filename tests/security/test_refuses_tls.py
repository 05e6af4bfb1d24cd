"""No password for a database goes to a server that refuses TLS, unless that was asked for by name."""

from __future__ import annotations

from tests.security.refuses_tls import MODES, attack, taken


def test_a_server_that_refuses_tls_is_told_no_password() -> None:
    assert attack() == []
    assert [mode for mode in MODES if taken(mode)] == ["disable", "require", "verify-ca", "verify-full"]
