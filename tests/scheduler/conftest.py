"""The same small trial as in `tests/office`, for what time starts."""

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
from tests.scheduler.vocabulary import RingingTrial
from trial.moments import use_pinned_zones


@pytest.fixture(scope="session", autouse=True)
def pinned_zones() -> str:
    return use_pinned_zones()


@pytest.fixture
def trial(records: Records) -> RingingTrial:  # noqa: F811 - the fixture of that name
    """DREAM with one site in Berlin and one in Tokyo; nobody enrolled, no patient yet."""
    return RingingTrial(records)
