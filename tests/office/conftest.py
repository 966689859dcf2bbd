"""A small trial, below the event loop: real records on both engines, a clock that moves when it is told to."""

import pytest

from records.database import Records
from tests.databases import (  # noqa: F401 - fixtures
    key_text,
    migrated_postgresql,
    migrated_sqlcipher,
    opened,
    place,
    postgresql_place,
    records,
    sqlcipher_place,
)
from tests.office.amending import Office
from tests.office.vocabulary import Trial
from trial.moments import use_pinned_zones


@pytest.fixture(scope="session", autouse=True)
def pinned_zones() -> str:
    return use_pinned_zones()


@pytest.fixture
def trial(records: Records) -> Trial:  # noqa: F811 - the fixture of that name
    """DREAM with one site in Berlin and one in Tokyo; nobody enrolled, no patient yet."""
    return Trial(records)


@pytest.fixture
def office(trial: Trial) -> Office:
    """Two managers and a trial in which version 1.1 is in use."""
    return Office(trial, trial.manager("Manager A"), trial.manager("Manager B"))
