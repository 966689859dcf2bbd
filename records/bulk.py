"""Many rows in one go.

PostgreSQL works in another process: there each column travels as one array, and one statement writes all rows. SQLite
works in this one: there a statement runs once for each row, and what costs is all that is done around it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_SQLITE: Final = sqlite.dialect(paramstyle="qmark")
_GIVEN: Final = "given_"  # a parameter that has a column's name would be taken for a value of that column


class Bulk:
    """A write that is the same for many rows. Its statements take nothing but what the rows give."""

    def __init__(self, columns: Sequence[str], *, of_arrays: sa.Executable, of_one: sa.ClauseElement) -> None:
        self._columns = columns
        self._of_arrays = of_arrays
        compiled: Any = of_one.compile(dialect=_SQLITE)
        self._text = str(compiled)
        # Bound here and not for each row by the library, whose general way takes longer than SQLite itself.
        self._bound: list[tuple[str, Callable[[object], object] | None]] = [
            (name.removeprefix(_GIVEN), compiled.binds[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE))
            for name in compiled.positiontup
        ]

    @classmethod
    def inserting(cls, table: sa.Table, *columns: str, on_conflict: Callable[[Any], Any] | None = None) -> Self:
        """`on_conflict` gives either engine's insert its clause for rows that are there already."""
        one: Any = sqlite.insert(table).values({name: _one(table, name) for name in columns})
        several: Any = postgresql.insert(table).from_select(columns, sa.select(*_arrays(table, columns).c))
        if on_conflict is not None:
            one, several = on_conflict(one), on_conflict(several)
        return cls(columns, of_arrays=several, of_one=one)

    @classmethod
    def updating(cls, table: sa.Table, *columns: str, where: sa.ColumnElement[bool]) -> Self:
        """Rows give `id`, which finds them, and these columns; only rows of which `where` holds are changed."""
        named = ("id", *columns)
        arrays = _arrays(table, named).c
        of_one = sa.update(table).where(table.c.id == _one(table, "id"), where)
        of_arrays = sa.update(table).where(table.c.id == arrays.id, where)
        return cls(
            named,
            of_arrays=of_arrays.values({name: arrays[name] for name in columns}),
            of_one=of_one.values({name: _one(table, name) for name in columns}),
        )

    def write(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Writes these rows, each with a value for each column; how many were inserted or changed."""
        if not rows:
            return 0
        if connection.dialect.name == "postgresql":
            arrays = {f"{_GIVEN}{name}": [row[name] for row in rows] for name in self._columns}
            return connection.execute(self._of_arrays, arrays, execution_options={"preserve_rowcount": True}).rowcount
        values = [
            tuple(row[name] if process is None else process(row[name]) for name, process in self._bound) for row in rows
        ]
        return connection.exec_driver_sql(self._text, values).rowcount


def _one(table: sa.Table, name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{_GIVEN}{name}", type_=table.c[name].type)


def _arrays(table: sa.Table, names: Sequence[str]) -> sa.TableValuedAlias:
    types = {name: table.c[name].type for name in names}
    arrays = (
        sa.bindparam(f"{_GIVEN}{name}", type_=postgresql.ARRAY(kind, dimensions=1)) for name, kind in types.items()
    )
    return sa.func.unnest(*arrays).table_valued(*(sa.column(*one) for one in types.items())).render_derived()
