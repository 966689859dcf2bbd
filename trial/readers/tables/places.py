"""On which day a row of visits stands: what it counts from, its interval or rhythm, and what has more than one reading. Pure."""

import re
from dataclasses import dataclass, field, replace

from trial.moments import CalendarOffset, Unit
from trial.readers.tables.cells import Cell, Row
from trial.readers.tables.day_names import read_name, refuse_name
from trial.readers.tables.days import (
    ON_THE_EVENT,
    Heading,
    Numbered,
    OnRequest,
    Range,
    Rhythm,
    Timing,
    length,
    read_text,
    read_when,
)
from trial.readers.tables.layout import Column, Table
from trial.readers.tables.names import PICK, Names, counts_from
from trial.readers.tables.numbering import FirstDay, Numbering, WeekName
from trial.readers.tables.sections import sure
from trial.readers.tables.told import Told, shown
from trial.readers.tables.units import NO_UNIT, Unreadable, WindowRead, read_window


@dataclass(frozen=True, slots=True)
class Place:
    """When a visit is: `when` as study files write it, and what else its cells said about its days."""

    when: str
    repeat: tuple[str, ...] = ()
    window: WindowRead | None = None
    window_where: str = ""  # the cell that it was read from
    unit: Unit | None = None  # of the rhythm
    unverified: bool = False  # its own day
    rhythm_unverified: bool = False


@dataclass(slots=True)
class Places:
    """Finds the day of each row, one after the other."""

    table: Table
    names: Names
    told: Told
    numbering: Numbering = field(default_factory=Numbering)
    above: str = ""  # what the row above counts from
    _numbers: list[tuple[Cell, Numbered]] = field(default_factory=list)  # read although two readings are open
    _unitless: list[Cell] = field(default_factory=list)  # windows in numbers alone, read as days
    _guessed: list[Cell] = field(default_factory=list)  # names of which a part was read as the day

    def timings(self, rows: list[Row]) -> list[Timing]:
        """What the rows say of their days, as far as it can be read; for seeing how the study numbers them."""
        found = []
        for row in rows:
            try:
                timing = self._timing(row)
            except Unreadable:
                continue
            if timing is not None:
                found.append(timing)
        return found

    def when_cell(self, row: Row) -> Cell:
        cells = [row.at(column.index) for column in self.table.all("when")]
        return next((cell for cell in cells if cell.filled), next(iter(cells), row.filled[0]))

    def _timing(self, row: Row) -> Timing | None:
        """What the cells for the day say together: `Week 4` and `Day 29` in two columns are one day by two names."""
        found: list[Timing] = []
        for column in self.table.all("when"):
            cell, _ = sure(row.at(column.index))
            if cell.is_lost:
                raise Unreadable("its day is a formula without a result", "type the day itself")
            if cell.filled and cell.plain not in {"-", "n/a", "na"}:
                found.append(read_when(cell, column.heading))
        if not found:
            return self._timing_by_name(row)
        first, *rest = found
        for other in rest:
            if isinstance(first.when, Numbered) and isinstance(other.when, Numbered) and first.also is None:
                first = replace(first, also=other.when)
            elif other.when != first.when:
                raise Unreadable("its columns for the day say different things", "keep one of them")
        named = self._timing_by_name(row)
        if named is None or named.guessed or first.also is not None or not isinstance(named.when, Numbered):
            return first
        is_other = isinstance(first.when, Numbered | CalendarOffset) and named.when.unit is not first.when.unit
        return replace(first, also=named.when) if is_other else first

    def _timing_by_name(self, row: Row) -> Timing | None:
        """What the visit's own name says, such as `Week 4`. Beside a rhythm it only names the first occurrence."""
        return None if self.table.cell(row, "repeat").filled else read_name(self.table.cell(row, "label"))

    def place(self, row: Row, about: str) -> Place:
        timing = self._timing(row)
        repeat_cell, repeat_sure = sure(self.table.cell(row, "repeat"))
        unverified = any(not sure(row.at(column.index))[1] for column in self.table.all("when"))
        if timing is not None and timing.guessed:
            unverified = True
            self._guessed.append(self.table.cell(row, "label"))
        rhythm = self._rhythm(repeat_cell) if repeat_cell.filled else None
        if timing is not None and timing.when is OnRequest.ON_REQUEST:
            return Place("on_request", unverified=unverified)
        source = self.when_cell(row) if timing is not None else self.table.cell(row, "window")
        if timing is None:
            timing = self._without_day(row, about, rhythm)
        totalled = timing.totalled or (rhythm is not None and rhythm.totalled)
        if totalled:
            self._ask_totalled(repeat_cell if rhythm else source, about)
        anchor = self._anchor(row, timing, rhythm, about)
        place = Place(anchor, (), self._inner_window(timing, row, about), source.where, unverified=unverified)
        if isinstance(timing.when, Rhythm):
            if rhythm is not None:
                raise Unreadable("it repeats by two columns", "keep the rhythm in one of them")
            return replace(
                place,
                repeat=timing.when.texts,
                unit=timing.when.unit,
                unverified=False,
                rhythm_unverified=unverified or totalled,
            )
        if isinstance(timing.when, Range):
            offset, window = self._range(timing.when, source, about)
            place = replace(place, window=window, unverified=True)
        else:
            offset = self._interval(timing, row, about)
            is_open = isinstance(timing.when, Numbered) and self.numbering.leaves_open(timing.when)
            place = replace(place, unverified=unverified or is_open)
        place = replace(place, when=counts_from(anchor, offset.amount, str(offset.unit)))
        if rhythm is None or not isinstance(rhythm.when, Rhythm):
            return place
        return replace(
            place, repeat=rhythm.when.texts, unit=rhythm.when.unit, rhythm_unverified=totalled or not repeat_sure
        )

    def _rhythm(self, cell: Cell) -> Timing:
        timing = read_when(cell)
        if not isinstance(timing.when, Rhythm):
            raise Unreadable(f"{cell.label!r} is no rhythm", "write such as every 3 months until 24 months")
        return timing

    def _without_day(self, row: Row, about: str, rhythm: Timing | None) -> Timing:
        """A row without a day: its rhythm is enough, or a window such as -28 to -1 days; else somebody has to say."""
        if rhythm is not None:
            return Timing(ON_THE_EVENT, rhythm.event)
        cell, column = self.table.cell(row, "window"), self.table.column("window")
        if cell.filled and column is not None:
            return self._day_of_window(row, signed_cell(cell, column), column, about)
        refuse_name(self.table.cell(row, "label"))
        raise Unreadable("nothing says when it is", "write such as Week 4, 6 weeks after surgery, or on request")

    def _day_of_window(self, row: Row, cell: Cell, column: Column, about: str) -> Timing:
        """A row with a window alone: `-28 to -1 days` are days of their own, `-28 to 0 days` end with the event."""
        try:
            found = read_window(cell, column.unit)
        except Unreadable:
            timing = read_text(cell.plain.strip("()"), Heading(column.unit))
            if isinstance(timing.when, Range):
                return timing
            raise
        if found is None or not re.search(r"(?<!\d)0", found.text):
            raise Unreadable("it has a window and no day", "say in a column When around which day the window lies")
        self.told.asked(
            "no_day", row.filled[0].where, "the visit has a window and no day", "read as the event's own day",
            ask="Which day is aimed at?", about=about,
        )  # fmt: skip
        return Timing(ON_THE_EVENT)

    def _interval(self, timing: Timing, row: Row, about: str) -> CalendarOffset:
        """The offset from the event, working out what a numbered day means."""
        if isinstance(timing.when, CalendarOffset):
            found = timing.when
            if found.unit is Unit.WORKING_DAY:
                raise Unreadable("holidays never move the day of a visit", "count in days, weeks, months or years")
        elif isinstance(timing.when, Numbered):
            found = self.numbering.interval(timing.when)
            if self.numbering.leaves_open(timing.when):
                self._numbers.append((self.when_cell(row), timing.when))
        else:
            raise Unreadable("it is no day", "write such as Week 4")
        if timing.also is not None and not self._may_be(timing.also, found):
            where = self.when_cell(row).where
            self.told.asked(
                "two_days", where, f"the row says {timing.also}, and {length(found.amount, found.unit)} after the event",
                "the second was read", ask=f"Which day is meant: {timing.also}, or {found} after the event?", about=about,
            )  # fmt: skip
        return found

    def _may_be(self, named: Numbered, found: CalendarOffset) -> bool:
        """Whether this name can be the day that was found, by the study's numbering or by any where it is not known."""
        first_days = [self.numbering.first_day] if self.numbering.first_day else list(FirstDay)
        week_names = [self.numbering.week_name] if self.numbering.week_name else list(WeekName)
        said = _days(found)
        for first_day in first_days:
            for week_name in week_names:
                try:
                    other = _days(Numbering(first_day, week_name).interval(named))
                except Unreadable:
                    continue
                if said is None or other is None or said == other:
                    return True
        return False

    def _range(self, found: Range, cell: Cell, about: str) -> tuple[CalendarOffset, WindowRead]:
        """The day of a range that is nearest to the event, with the range for its window."""
        first, last = (
            self.numbering.interval(end) if isinstance(end, Numbered) else end for end in (found.first, found.last)
        )
        ends = [end for end in (found.first, found.last) if isinstance(end, Numbered)]
        self._numbers += [(cell, end) for end in ends if self.numbering.leaves_open(end)][:1]
        if first.unit is not last.unit or first.unit is Unit.WORKING_DAY:
            raise Unreadable(
                f"{first} to {last} cannot be counted in one unit",
                "write the day in one column, and its window in another",
            )
        if first.amount > last.amount:
            raise Unreadable("the range ends before it begins", "write the first day first")
        target = last if last.amount <= 0 else first if first.amount >= 0 else CalendarOffset(0, first.unit)
        window = WindowRead(
            f"{CalendarOffset(first.amount - target.amount, first.unit).signed} .. "
            f"{CalendarOffset(last.amount - target.amount, first.unit).signed}"
        )
        self.told.asked(
            "range", cell.where, f"{shown(cell.label)} is a range without a day that is aimed at",
            f"read as {target} from the event, with the window {window.text}",
            ask="Which day of the range is aimed at?", about=about,
        )  # fmt: skip
        return target, window

    def _anchor(self, row: Row, timing: Timing, rhythm: Timing | None, about: str) -> str:
        """What the visit counts from: its own cell, the words of its day, the heading, the row above, the registration."""
        cell, column = self.table.cell(row, "from"), self.table.column("from")
        spoken = timing.event or (rhythm.event if rhythm is not None else "")
        if cell.filled:
            anchor = self._named_in(cell)
            if spoken and (timing.loose and self.names.events.find(spoken) is None):
                raise Unreadable(f"{spoken!r} is no day", "write such as Week 4, 6 weeks or on the day")
            if spoken and self.names.anchor(spoken) != anchor:
                raise Unreadable(f"it counts from {cell.label} and from {spoken}", "name one event")
        elif spoken:
            if timing.loose and self.names.events.find(spoken) is None and not PICK.fullmatch(spoken):
                usual = "write such as Week 4, 6 weeks after surgery, or on the day of an event"
                raise Unreadable(f"{spoken!r} is no day and no event", usual)
            anchor = self.names.anchor(spoken)
        elif column is not None and self.above:
            anchor = self.above
            self.told.noted(
                "as_above",
                row.filled[0].where,
                "the row does not say what it counts from",
                "read as in the row above",
                about=about,
            )
        else:
            anchor = self.registration()
        self.above = anchor
        return anchor

    def _named_in(self, cell: Cell) -> str:
        try:
            return self.names.anchor(cell.label)
        except Unreadable as problem:
            raise Unreadable(problem.what, problem.instead, where=cell.where) from problem

    def registration(self) -> str:
        """The event that visits count from where nothing says it."""
        if not self.names.required:
            self.names.required = self.names.event("Registration", may_add=not self.names.events.closed)
        label = self.names.events.ids[self.names.required]
        if len(self.names.events.ids) > 1 or not self.names.events.closed:
            self.told.asked(
                "counts_from", "the table", "some visits do not say what they count from", f"read as {label}",
                ask=f"From which event are the visits counted that do not say it? Read as {label}.",
            )  # fmt: skip
        return self.names.required

    def _inner_window(self, timing: Timing, row: Row, about: str) -> WindowRead | None:
        if not timing.window:
            return None
        # `Day 8 ±1` is one day; `Week 12 ±3` may be three days or three weeks.
        in_days = isinstance(timing.when, CalendarOffset | Numbered) and timing.when.unit is Unit.DAY
        cell = self.when_cell(row)
        found = read_window(replace(cell, text=timing.window), Unit.DAY if in_days else None)
        self.tell_doubt(found, cell, about)
        return found

    def tell_doubt(self, found: WindowRead | None, cell: Cell, about: str) -> None:
        if found is None or found.doubt is None:
            return
        doubt = found.doubt
        if doubt.code == NO_UNIT:
            self._unitless.append(cell)
        else:
            self.told.asked(doubt.code, cell.where, doubt.what, doubt.instead, ask=doubt.ask, about=about)

    def ask_once(self) -> None:
        """What many rows leave open is asked about once, at the first of them."""
        if self._guessed:
            places, first = _places(self._guessed), self._guessed[0]
            self.told.asked(
                "name", places, f"only the name says when the visit is, such as {shown(first.label)}", "read so",
                ask=f"Do the names of these visits say their days: {places}?",
            )  # fmt: skip
        if self._unitless:
            places, first = _places(self._unitless), self._unitless[0]
            self.told.asked(
                NO_UNIT, places, f"the window has no unit, such as {shown(first.label)}", "read as days",
                ask=f"Are these windows in days: {places}?",
            )  # fmt: skip
        for unit, asked in ((Unit.DAY, "day_numbers"), (Unit.WEEK, "week_numbers")):
            cells = [(cell, number) for cell, number in self._numbers if number.unit is unit]
            if not cells:
                continue
            cell, number = cells[0]
            others = f", and in {len(cells) - 1} more cells" if len(cells) > 1 else ""
            before, own = length(number.number - 1, unit), length(number.number, unit)
            if unit is Unit.DAY:
                what = f"{number} can be {before} or {own} after the event{others}"
                instead = f"read as {before} after: Day 1 is the event's own day"
                ask = "Is the event's own day called Day 1 or Day 0? Read as Day 1."
            else:
                what = f"{number} can be {own} after the event, or the week that begins {before} after{others}"
                instead = f"read as {own} after"
                ask = f"Is {number} meant as {own} after the event, or as the week that begins {before} after? Read as the first."
            self.told.asked(asked, cell.where, what, instead, ask=ask)

    def _ask_totalled(self, cell: Cell, about: str) -> None:
        self.told.asked(
            "length", cell.where, f"{shown(cell.label)} says how long each rhythm lasts, not until when", "the lengths were added up",
            ask=f"Do the lengths follow one another: {cell.label}?", about=about,
        )  # fmt: skip


def _places(cells: list[Cell]) -> str:
    more = f" and {len(cells) - 8} more" if len(cells) > 8 else ""
    return f"{', '.join(cell.where for cell in cells[:8])}{more}"


def signed_cell(cell: Cell, column: Column) -> Cell:
    """`7` under `Window (± days)` is ±7 days."""
    return replace(cell, text=f"{column.sign}{cell.label}") if column.sign and re.match(r"\d", cell.plain) else cell


def _days(offset: CalendarOffset) -> int | None:
    """So many days, or None for months and years."""
    return (
        offset.amount * {Unit.DAY: 1, Unit.WEEK: 7}.get(offset.unit, 0)
        if offset.unit in {Unit.DAY, Unit.WEEK}
        else None
    )
