import pytest

from trial.moments import use_pinned_zones


@pytest.fixture(scope="session", autouse=True)
def pinned_zones():
    return use_pinned_zones()
