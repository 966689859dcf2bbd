"""Databases and simulators of crash tests."""

from tests.databases import (  # noqa: F401 - fixtures
    key_text,
    migrated_postgresql,
    migrated_sqlcipher,
    place,
    postgresql_place,
    sqlcipher_place,
)
