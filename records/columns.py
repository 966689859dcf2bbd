"""What columns are made of: keys, moments, wall times, sealed values, and how constraints are named."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IDS_KEPT = 16_384


class Id(sa.Uuid[UUID]):
    """A UUID. Where the engine gives text, the same text is read once: ids come again and again, and reading one takes
    longer than fetching it.
    """

    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        read = super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]  # the library gives it no types
        return None if read is None else _read_once


_id_of_text = lru_cache(IDS_KEPT)(UUID)


def _read_once(text: str | None) -> UUID | None:
    return None if text is None else _id_of_text(text)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds; a naive value is refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002 - the library's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the library's signature
        return None if value is None else EPOCH + timedelta(microseconds=value)


class WallTime(TypeDecorator[time]):
    """A wall time to the minute, stored as minutes since midnight; seconds and time zones are refused."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002 - the library's signature
        if value is None:
            return None
        if value.second or value.microsecond or value.tzinfo is not None:
            raise ValueError("a wall time is an hour and a minute")
        return value.hour * 60 + value.minute

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> time | None:  # noqa: ARG002 - the library's signature
        return None if value is None else time(*divmod(value, 60))


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)


def key(column: str = "id") -> sa.Column[UUID]:
    """A client-made UUID: sealed values are bound to it before the row is there."""
    return sa.Column(column, Id, primary_key=True)


def refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, Id, sa.ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def sealed(*, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column("sealed", sa.LargeBinary, nullable=nullable)


def row_version() -> sa.Column[int]:
    """Counts up with each change of `sealed`: an old value put back does not open."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def word(value: str) -> sa.ColumnElement[str]:
    """A closed word as a literal in the SQL: only so does SQLite see that a partial index fits. Never for input."""
    if not value.isidentifier():
        raise ValueError("a closed word is one identifier")
    return sa.literal_column(f"'{value}'", sa.Text)


def moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=nullable)


def wall_time(name: str) -> sa.Column[time]:
    """NULL: what holds unless somebody set another."""
    return sa.Column(name, WallTime, nullable=True)
