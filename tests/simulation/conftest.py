"""The database of a simulated study."""

from tests.databases import key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures
