"""A connection for records that one thread lives from end to end: statements are prepared once, and what was read is known
until somebody writes what it was read from.

Nobody else writes to such a file, and everything that is written goes through this connection: so it knows of every answer
whether it still holds. What cannot be prepared is left to the library.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from weakref import WeakSet

import sqlalchemy as sa

from records.columns import metadata

STATEMENTS_KEPT: Final = 1_024
"""More than the program has; one that is built anew each time makes room for the next."""
ANSWERS_KEPT: Final = 4_096
"""Of each question, so that a long year fits into memory."""

Process = Callable[[Any], Any]

_TABLES: Final = frozenset(metadata.tables)
_COLUMNS: Final = frozenset(column.name for table in metadata.tables.values() for column in table.c)
_READS: Final = ("SELECT ", "WITH ", "SAVEPOINT ", "RELEASE ")
_WORD: Final = re.compile(r"\w+")
_WRITES: Final = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_SET: Final = re.compile(r'(\w+)"?=')  # a condition has a space before its sign


class Rows(Sequence[Any]):
    """What a question found, as often as it is looked at: as much of the library's results as query modules ask for.

    Each row is a named tuple, which tells a value by its name in a tenth of the time that the library's takes.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:
        return self._rows[at]

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any:
        if len(self._rows) > 1:
            raise sa.exc.MultipleResultsFound("more rows were found than one")
        return self.first()

    def one(self) -> Any:
        if not self._rows:
            raise sa.exc.NoResultFound("no row was found")
        return self.one_or_none()

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> "Rows":
        return Rows([row[0] for row in self._rows])


class Written(NamedTuple):
    """What came of a write."""

    rowcount: int


class _Given(NamedTuple):
    """One parameter: its value where nobody gives one, what makes the driver's value of it, and whether it is a list."""

    name: str
    unless_given: Any
    process: Process | None
    many: bool


class _Prepared:
    """A statement as the driver takes it, and of a question the answers that still hold."""

    def __init__(self, compiled: Any, columns: Sequence[sa.ColumnElement[Any]] = ()) -> None:
        dialect = compiled.dialect
        self.known: dict[Any, Rows] = {}
        self._text = str(compiled)
        self._given = [
            _Given(name, one.effective_value, one.type.dialect_impl(dialect).bind_processor(dialect), one.expanding)
            for name in compiled.positiontup
            for one in (compiled.binds[name],)
        ]
        self._lists = [one.name for one in self._given if one.many]
        self._texts: dict[tuple[int, ...], str] = {}
        makes = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
        self._makes = [(at, make) for at, make in enumerate(makes) if make is not None]
        self._row: Any = None
        words = frozenset(_WORD.findall(self._text))
        self._tables, self._columns = words & _TABLES, words & _COLUMNS

    def bound(self, parameters: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        """The driver's values, in order, and how many of them each list gave."""
        values: list[Any] = []
        lengths: tuple[int, ...] = ()
        for name, unless_given, process, many in self._given:
            value = parameters.get(name, unless_given)
            if many:
                values += value if process is None else map(process, value)
                lengths += (len(value),)
            else:
                values.append(value if process is None else process(value))
        return tuple(values), lengths

    def text(self, lengths: tuple[int, ...]) -> str:
        """The statement for lists of these lengths."""
        if not lengths:
            return self._text
        known = self._texts.get(lengths)
        if known is None:
            known = self._text
            for name, length in zip(self._lists, lengths, strict=True):
                # The library's sign for the values of a list.
                known = known.replace(f"__[POSTCOMPILE_{name}]", ", ".join("?" * length))
            self._texts[lengths] = known
        return known

    def rows(self, found: Sequence[tuple[Any, ...]], described: Sequence[Sequence[Any]]) -> Rows:
        """What the driver found, as values of their types, each row with its names."""
        if not found:
            return _NOTHING
        if self._row is None:
            self._row = _row_of(column[0] for column in described)
        rows: list[Any] = []
        for one in found:
            values = list(one)
            for at, make in self._makes:
                values[at] = make(values[at])
            rows.append(self._row._make(values))
        return Rows(rows)

    def reads(self, table: str, columns: frozenset[str]) -> bool:
        """Whether its answers may hang on these columns of a table; on any of it, where none is named."""
        return table in self._tables and not (columns and self._columns.isdisjoint(columns))


_NOTHING: Final = Rows(())


def _row_of(names: Iterable[str]) -> Any:
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - its columns are known at run time alone


class LivedConnection(sa.Connection):
    """One thread's connection to a file that nobody else writes to."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._cursor: Any = self.connection.cursor()
        self._shapes = lru_cache(STATEMENTS_KEPT)(_Shapes)
        self._questions: WeakSet[_Prepared] = WeakSet()
        self._ended_by = lru_cache(STATEMENTS_KEPT)(self._that_end)
        sa.event.listen(self, "after_cursor_execute", self._noticed)

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        shapes = self._shapes(statement)
        if execution_options or not shapes.seen:
            shapes.seen = True
            return super().execute(statement, parameters, execution_options=execution_options)
        if shapes.question is not None:
            return self._ask(shapes.question, parameters or {})
        names = tuple(parameters[0] if isinstance(parameters, list) else parameters or ())
        if names not in shapes.writes:
            shapes.writes[names] = self._prepared(shapes, statement, names)
            return self.execute(statement, parameters)
        write = shapes.writes[names]
        if write is None:
            return super().execute(statement, parameters)
        if isinstance(parameters, list):
            return self._write(write.text(()), [write.bound(one)[0] for one in parameters])
        bound, lengths = write.bound(parameters or {})
        return self._write(write.text(lengths), bound)

    def scalars(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalars()

    def scalar(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> Any:
        if parameters is None or execution_options:
            return super().exec_driver_sql(statement, parameters, execution_options)
        return self._write(statement, parameters)

    def forget(self) -> None:
        """Something was undone: no answer holds any more."""
        for question in self._questions:
            question.known.clear()

    # --- what is prepared ---------------------------------------------------------------------------------------------

    def _prepared(self, shapes: "_Shapes", statement: Any, names: Sequence[str]) -> _Prepared | None:
        match statement:
            case sa.Select() | sa.CompoundSelect():
                shapes.question = _Prepared(statement.compile(dialect=self.dialect), list(statement.selected_columns))
                self._questions.add(shapes.question)
                self._ended_by.cache_clear()
                return None
            case sa.Insert() | sa.Update() | sa.Delete():
                compiled: Any = statement.compile(dialect=self.dialect, column_keys=list(names))
                made = compiled.insert_prefetch or compiled.update_prefetch or compiled.effective_returning
                return None if made else _Prepared(compiled)
            case _:
                return None

    def _ask(self, question: _Prepared, parameters: Mapping[str, Any]) -> Rows:
        given = bound, lengths = question.bound(parameters)
        known = question.known.get(given)
        if known is None:
            found = self._cursor.execute(question.text(lengths), bound).fetchall()
            known = question.rows(found, self._cursor.description)
            if len(question.known) >= ANSWERS_KEPT:
                question.known.clear()
            question.known[given] = known
        return known

    # --- what ends ----------------------------------------------------------------------------------------------------

    def _write(self, text: str, bound: Any) -> Written:
        if isinstance(bound, list):
            self._cursor.executemany(text, bound)
        else:
            self._cursor.execute(text, bound)
        self._end(text)
        return Written(self._cursor.rowcount)

    def _noticed(self, _connection: object, _cursor: object, text: str, *_: object) -> None:
        self._end(text)

    def _end(self, text: str) -> None:
        for question in self._ended_by(text):
            question.known.clear()

    def _that_end(self, text: str) -> Sequence[_Prepared]:
        """The questions whose answers may be others after this statement."""
        if text.startswith(_READS):
            return ()
        found = _WRITES.match(text)
        if found is None:
            return tuple(self._questions)
        columns = frozenset(_SET.findall(text)) if found[1] == "UPDATE" else frozenset()
        return [one for one in self._questions if one.reads(found[2], columns)]


class _Shapes:
    """One statement: whether it was executed before, and how it is prepared; a write for each set of names that it is given."""

    __slots__ = ("question", "seen", "writes")

    def __init__(self, _statement: object) -> None:
        self.seen = False
        self.question: _Prepared | None = None
        self.writes: dict[tuple[str, ...], _Prepared | None] = {}
