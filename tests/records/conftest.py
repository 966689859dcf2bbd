"""The databases and the cast, for every test of the records."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa

from records.transaction import Tx
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


@pytest.fixture
def count_statements() -> Callable[[Tx], AbstractContextManager[list[str]]]:
    """The statements that a transaction sends while the block runs."""

    @contextmanager
    def counting(tx: Tx) -> Iterator[list[str]]:
        seen: list[str] = []

        def remember(_connection, _cursor, statement, _values, _context, _many) -> None:
            seen.append(statement)

        sa.event.listen(tx.connection, "before_cursor_execute", remember)
        yield seen
        sa.event.remove(tx.connection, "before_cursor_execute", remember)

    return counting
