"""The database of a simulated study."""

import gc
from collections.abc import Iterator
from typing import Final

import pytest

from tests.databases import key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures

OBJECTS_BETWEEN: Final = 200_000


@pytest.fixture(scope="package", autouse=True)
def rare_collections() -> Iterator[None]:
    """Years make many objects and hardly a cycle: looking for those takes time, and finds next to none."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN, *usual[1:])
    yield
    gc.set_threshold(*usual)
