"""Whose fault an error of Postgres' is: by its five characters, and by what asyncpg raises."""

from __future__ import annotations

import asyncpg
import pytest

from connectors.postgres.faults import Fault, fault_of, fault_of_state, reason_of

STATES = {
    # It costs time: the connection, a standby, a disk or memory full, a lock, shutting down, cancelled, I/O, a dropped database.
    Fault.UNAVAILABLE: (
        *("08000", "08006", "08P01", "25006", "3D000", "53100", "53200", "53300", "55P03", "57014", "57P01"),
        *("57P02", "57P03", "57P05", "58000", "58030", "XX000", "XX001", "F0000", "40003", "", "ZZZZZ"),
    ),
    Fault.RETRY: ("40001", "40P01"),
    # A person must act: a table or column that is not there, rights, a password.
    Fault.MISFIT: ("42P01", "42703", "42501", "28000", "28P01", "3F000", "0A000"),
    # The record: bytes, numbers, dates, constraints, limits of an index, the owner's triggers and views.
    Fault.RECORD: ("22003", "22008", "22021", "22P05", "23502", "23505", "23514", "21000", "44000", "54000", "P0001"),
}


@pytest.mark.parametrize(("state", "fault"), [(state, fault) for fault, states in STATES.items() for state in states])
def test_an_error_is_whose_fault_its_class_says(state: str, fault: Fault) -> None:
    assert fault_of_state(state) is fault


def test_what_is_no_error_of_postgres_is_the_connections_or_a_mistake_here() -> None:
    for away in (ConnectionRefusedError(), TimeoutError(), asyncpg.InterfaceError("connection is closed")):
        assert fault_of(away) is Fault.UNAVAILABLE
    assert fault_of(asyncpg.PostgresError.new({"C": "57P03", "M": "starting up"})) is Fault.UNAVAILABLE
    assert fault_of(KeyError("order_id")) is None


def test_a_reason_leaves_out_what_postgres_quotes_of_a_row() -> None:
    error = asyncpg.PostgresError.new(
        {"C": "23514", "M": "violates check", "D": "Failing row contains (王小明, 138...)"}
    )
    assert reason_of(error) == "violates check (SQLSTATE 23514)"
