"""Many rows in one go.

PostgreSQL works in another process: there each column travels as one array, and one statement writes all rows. SQLite
works in this one: there a statement runs once for each row, and what costs is all that is done around it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, Protocol, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

from records.columns import Moment

_SQLITE: Final = sqlite.dialect(paramstyle="qmark")
_POSTGRESQL: Final[sa.Dialect] = psycopg.dialect()  # type: ignore[no-untyped-call]  # the library gives it no types
_GIVEN: Final = "given_"  # a parameter that has a column's name would be taken for a value of that column

Type = sa.types.TypeEngine[Any]
Rows = Sequence[Mapping[str, Any]]


class Bulk:
    """A write that is the same for many rows. Its statements take nothing but what the rows give."""

    def __init__(self, columns: Mapping[str, Type], *, of_arrays: sa.ClauseElement, of_one: sa.ClauseElement) -> None:
        self._of_arrays = str(of_arrays.compile(dialect=_POSTGRESQL))
        self._arrays = [(name, _column(name, kind, _POSTGRESQL)) for name, kind in columns.items()]
        compiled: Any = of_one.compile(dialect=_SQLITE)
        self._of_one = str(compiled)
        names = [str(name).removeprefix(_GIVEN) for name in compiled.positiontup]
        self._values = [(name, _column(name, columns[name], _SQLITE)) for name in names]

    @classmethod
    def inserting(cls, table: sa.Table, *columns: str, on_conflict: Callable[[Any], Any] | None = None) -> Self:
        """`on_conflict` gives either engine's insert its clause for rows that are there already."""
        one: Any = sqlite.insert(table).values({name: _one(table, name) for name in columns})
        several: Any = postgresql.insert(table).from_select(columns, sa.select(*_arrays(table, columns).c))
        if on_conflict is not None:
            one, several = on_conflict(one), on_conflict(several)
        return cls({name: table.c[name].type for name in columns}, of_arrays=several, of_one=one)

    @classmethod
    def updating(cls, table: sa.Table, *columns: str, where: sa.ColumnElement[bool]) -> Self:
        """Rows give `id`, which finds them, and these columns; only rows of which `where` holds are changed."""
        named = ("id", *columns)
        arrays = _arrays(table, named).c
        of_one = sa.update(table).where(table.c.id == _one(table, "id"), where)
        of_arrays = sa.update(table).where(table.c.id == arrays.id, where)
        return cls(
            {name: table.c[name].type for name in named},
            of_arrays=of_arrays.values({name: arrays[name] for name in columns}),
            of_one=of_one.values({name: _one(table, name) for name in columns}),
        )

    def write(self, connection: sa.Connection, rows: Rows) -> int:
        """Writes these rows, each with a value for each column; how many were inserted or changed."""
        if not rows:
            return 0
        if connection.dialect.name == "postgresql":
            arrays = {f"{_GIVEN}{name}": bind(rows) for name, bind in self._arrays}
            return connection.exec_driver_sql(self._of_arrays, arrays).rowcount
        bound = (bind(rows) for _, bind in self._values)
        return connection.exec_driver_sql(self._of_one, list(zip(*bound, strict=True))).rowcount


def _column(name: str, kind: Type, dialect: sa.Dialect) -> Callable[[Rows], list[object]]:
    """What takes a column out of rows, as the engine wants it.

    Bound here, a column at a time: the library's general way takes longer than either engine's own work.
    """
    value = itemgetter(name)
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return lambda rows: list(map(value, rows))
    if isinstance(kind, Moment | sa.Date):  # few instants and days, in many rows
        return lambda rows: list(map(cache(process), map(value, rows)))
    return lambda rows: list(map(process, map(value, rows)))


class Among(Protocol):
    """Whether a column has one of the values of a list that is given by this name."""

    def __call__(self, column: sa.Column[Any], name: str, /) -> sa.ColumnElement[bool]: ...


class ForMany:
    """A question about many rows, by lists of values. Its text does not depend on how many on PostgreSQL, which so
    keeps its plan.
    """

    def __init__(self, build: Callable[[Among], sa.Select[*tuple[Any, ...]]]) -> None:
        self._of_arrays = build(_in_array)
        self._of_values = build(_in_values)

    def rows(self, connection: sa.Connection, given: Mapping[str, object]) -> sa.CursorResult[Any]:
        """The rows found with these lists, and with single values beside them."""
        statement = self._of_arrays if connection.dialect.name == "postgresql" else self._of_values
        return connection.execute(statement, dict(given))


def _in_array(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    values: sa.BindParameter[Any] = sa.bindparam(name, type_=postgresql.ARRAY(column.type, dimensions=1))
    return column == sa.any_(values)


def _in_values(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(name, type_=column.type, expanding=True))


def _one(table: sa.Table, name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{_GIVEN}{name}", type_=table.c[name].type)


def _arrays(table: sa.Table, names: Sequence[str]) -> sa.TableValuedAlias:
    types = {name: table.c[name].type for name in names}
    arrays = (
        sa.bindparam(f"{_GIVEN}{name}", type_=postgresql.ARRAY(kind, dimensions=1)) for name, kind in types.items()
    )
    return sa.func.unnest(*arrays).table_valued(*(sa.column(*one) for one in types.items())).render_derived()
