"""Everything fails at once: each question still gets one reply, in the order of its thread."""

from pathlib import Path

import psycopg
import pytest
from e2e.chaos import let_loose
from e2e.chaos_table import Plan, show
from e2e.standins import absent

SMALL = {"messages": 150, "threads": 20, "kills": 4, "stops": 1, "cuts": 1, "ahead": 40}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.engine)])
def test_nothing_is_lost_doubled_or_out_of_order(
    database: str, tmp_path: Path, indexed_home: Path
) -> None:
    try:
        outcome = let_loose(Plan(database, **SMALL), tmp_path, indexed=indexed_home)
    except psycopg.OperationalError as error:
        absent(f"no PostgreSQL: set TEST_POSTGRES_URL ({error})")
    show(outcome)
    found = outcome.verdict
    assert (found.lost, found.doubled, found.disordered) == ([], [], [])
    assert found.failed == 0
    assert found.replies == outcome.told
    assert outcome.missed() == []
    assert all(outcome.faults.values())
