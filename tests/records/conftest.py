"""The databases and the cast, for every test of the records."""

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
from tests.records.cast import cast  # noqa: F401 - fixture
