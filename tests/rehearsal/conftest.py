"""An empty database to live a small script in."""

from tests.databases import key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures
