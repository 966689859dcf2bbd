"""An oracle that walks over the days finds the same visits as the program; and it notices where the program is broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

import trial.moments
import trial.timeline
from office.study_files import study_from_text
from office.study_writing import study_text
from tests.oracle.by_day import ASK_FIRST, FIRM, HAPPENED, PLANNED, PROVISIONAL
from tests.oracle.comparing import compared, study_of
from tests.oracle.conditions import NO, PERHAPS, YES, truth
from tests.oracle.plans import COUNTRIES, drawn
from tests.oracle.wall_calendar import counted
from trial.calendars import SATURDAY, WorkingCalendar
from trial.expressions import holds
from trial.study import Basis, Pick
from trial.tasks import VisitStatus
from trial.timeline import Certainty, Course, EventDate, EventDates, Occurrence

PLANS = 5_000
ENOUGH = 50
WITHIN = 1_000
"""So few plans are enough to notice that a rule is broken."""

MET = (
    FIRM,
    PROVISIONAL,
    ASK_FIRST,
    HAPPENED,
    PLANNED,
    "held",
    "ended",
    "a leap day",
    "limits that leave no day",
    "one event",
    "first_of",
    "last_of",
    "repeat_if",
    "window_from",
    "basis",
    "stop",
    "only_if",
    "not_before",
    "not_after",
    *(f"due in {country}" for country in COUNTRIES if country),
    "records",
    "from a visit that was held",
    "from a visit that was held, repeated",
    "from a visit's target",
    "from a visit's target, repeated",
    "from a visit on request that was held",
    "from a visit on request that was not held",
    "from a visit whose event is known",
    "from a visit that is not wanted",
    "from a visit from a visit",
    "several rounds",
    "a round: firm",
    "a round: ask first",
    "a round: not there",
    "registered on the last day of a round",
    "registered the day after a round",
    "registered in a round, past its due day",
    "gone on the first day of a round",
    "gone during a round",
)


def test_five_thousand_plans_give_the_dates_that_the_oracle_finds():
    found = compared(range(PLANS))

    assert "\n\n".join(found.differing) == ""
    assert [what for what in MET if found.met[what] < ENOUGH] == []


def test_a_drawn_plan_reads_the_same_from_its_file():
    for seed in range(25):
        plan = drawn(seed)
        read, built = study_from_text(study_text(plan.document), "plan.yaml"), study_of(plan)

        assert (built.events, built.facts, built.visits) == (read.events, read.facts, read.visits)


# --- the oracle itself, where people know the answer -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "offset", "end"),
    [
        ("2026-01-31", "1mo", "2026-02-28"),
        ("2024-01-31", "1mo", "2024-02-29"),
        ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2026-03-31", "-1mo", "2026-02-28"),
        ("2026-08-31", "6mo", "2027-02-28"),
        ("2026-02-02", "-4w", "2026-01-05"),
        ("2026-12-23", "3wd", "2026-12-29"),
        ("2026-12-30", "-3wd", "2026-12-24"),
        ("2026-02-02", "0wd", "2026-02-02"),
    ],
)
def test_a_finger_on_the_wall_calendar_counts_as_people_do(start, offset, end):
    assert date.fromisoformat(end) == counted(date.fromisoformat(start), offset, "DE")


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("arm == a", PERHAPS),
        ("arm == a and happened(op)", PERHAPS),
        ("arm == a and happened(relapse)", NO),
        ("arm == a or happened(op)", YES),
        ("not arm in [a, b]", PERHAPS),
        ("side not in [left] or happened(relapse) and arm == a", YES),
        ("same_day(op, op) and not same_day(op, relapse)", YES),
        ("not (side == right and happened(op))", NO),
    ],
)
def test_unknown_is_perhaps_until_the_rest_decides(condition, value):
    day = {"op": date(2026, 3, 2)}.get

    assert value == truth(condition, {"side": "right"}.get, day)


# --- the program broken on purpose: an oracle that notices nothing proves nothing --------------------------------------

Patch = pytest.MonkeyPatch
SABOTAGES: list[Callable[[Patch], None]] = []


def sabotage(breaks: Callable[[Patch], None]) -> Callable[[Patch], None]:
    SABOTAGES.append(breaks)
    return breaks


@sabotage
def months_run_over_their_end(patch: Patch) -> None:
    def overflowing(day: date, months: int) -> date:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, 1) + timedelta(days=day.day - 1)

    patch.setattr(trial.moments, "_plus_months", overflowing)


@sabotage
def a_month_is_thirty_days(patch: Patch) -> None:
    patch.setattr(trial.moments, "_plus_months", lambda day, months: day + timedelta(days=30 * months))


@sabotage
def until_is_exclusive(patch: Patch) -> None:
    run = trial.timeline._run

    def shorter(visit, repeat, anchor, dates):
        last = repeat[-1].until.add_to(anchor, dates.calendar)
        return (slot for slot in run(visit, repeat, anchor, dates) if slot.target < last)

    patch.setattr(trial.timeline, "_run", shorter)


@sabotage
def every_rhythm_starts_anew(patch: Patch) -> None:
    run = trial.timeline._run

    def anew(visit, repeat, anchor, dates):
        slots = (slot for segment in repeat for slot in run(visit, (segment,), anchor, dates))
        return {slot.id: slot for slot in slots}.values()

    patch.setattr(trial.timeline, "_run", anew)


@sabotage
def nothing_stops_a_visit(patch: Patch) -> None:
    patch.setattr(trial.timeline, "_stopped", lambda *_: False)


@sabotage
def what_began_after_the_end_is_wanted(patch: Patch) -> None:
    patch.setattr(trial.timeline, "_began_after", lambda *_: False)


@sabotage
def a_window_never_widens(patch: Patch) -> None:
    patch.setattr(trial.timeline, "_window_for", lambda _, windows: windows[0][1])


@sabotage
def limits_are_not_looked_at(patch: Patch) -> None:
    patch.setattr(EventDates, "limit", lambda *_: None)


@sabotage
def unknown_is_assumed(patch: Patch) -> None:
    patch.setattr(trial.timeline, "asks", lambda *_: ())


@sabotage
def a_plan_counts_as_done(patch: Patch) -> None:
    patch.setattr(Course, "happened", lambda course, event: (known := course.events.get(event)) and known.day)


@sabotage
def first_and_last_are_one(patch: Patch) -> None:
    base = EventDates.base

    def first(dates, anchor):
        return base(dates, replace(anchor, pick=Pick.FIRST_OF) if anchor.pick is Pick.LAST_OF else anchor)

    patch.setattr(EventDates, "base", first)


@sabotage
def what_was_held_is_forgotten(patch: Patch) -> None:
    patch.setattr(trial.timeline, "_held_besides", lambda *_: ())


@sabotage
def calls_count_from_the_anchor(patch: Patch) -> None:
    run = trial.timeline._run

    def unmoved(visit, repeat, anchor, dates):
        unheld = EventDates(dates.study, replace(dates.course, held={}), dates.calendar)
        return run(visit, repeat, anchor, unheld if visit.basis is Basis.PREVIOUS else dates)

    patch.setattr(trial.timeline, "_run", unmoved)


@sabotage
def nobody_has_a_holiday(patch: Patch) -> None:
    patch.setattr(WorkingCalendar, "is_working", lambda _, day: day.weekday() < SATURDAY)


@sabotage
def a_held_visit_moves_nothing(patch: Patch) -> None:
    of_visit = EventDates._of_visit

    def unheld(dates, visit):
        never = EventDates(dates.study, replace(dates.course, held={}), dates.calendar)
        return of_visit(never, replace(visit, records=None))

    patch.setattr(EventDates, "_of_visit", unheld)


@sabotage
def an_event_says_nothing_of_the_visit_that_records_it(patch: Patch) -> None:
    of_visit = EventDates._of_visit
    patch.setattr(EventDates, "_of_visit", lambda dates, visit: of_visit(dates, replace(visit, records=None)))


@sabotage
def what_counts_from_an_unwanted_visit_goes_with_it(patch: Patch) -> None:
    base = EventDates.base

    def from_wanted(dates, anchor):
        other = dates.study.visits[anchor.events[0]] if anchor.pick is Pick.VISIT else None
        unwanted = other and other.only_if and holds(other.only_if, dates.known) is False
        return None if unwanted else base(dates, anchor)

    patch.setattr(EventDates, "base", from_wanted)


@sabotage
def what_counts_from_a_visit_is_certain(patch: Patch) -> None:
    base = EventDates.base

    def certain(dates, anchor):
        found = base(dates, anchor)
        return found and (replace(found, certainty=Certainty.HAPPENED) if anchor.pick is Pick.VISIT else found)

    patch.setattr(EventDates, "base", certain)


@sabotage
def windows_change_in_the_order_of_the_file(patch: Patch) -> None:
    def unsorted(visit, anchor, calendar):
        changed = ((offset.add_to(anchor, calendar), window) for offset, window in visit.window_from)
        return ((date.min, visit.window), *changed)

    patch.setattr(trial.timeline, "_windows", unsorted)


def changed_rounds(patch: Patch, change: Callable[..., Occurrence | None]) -> None:
    rounds = trial.timeline._rounds

    def changed(visit, dates):
        return (other for one in rounds(visit, dates) if (other := change(one, dates)) is not None)

    patch.setattr(trial.timeline, "_rounds", changed)


@sabotage
def who_comes_late_has_no_round(patch: Patch) -> None:
    def in_time(one, dates):
        return one if dates.course.happened("entry") <= one.earliest else None

    changed_rounds(patch, in_time)


@sabotage
def who_comes_on_the_last_day_has_no_round(patch: Patch) -> None:
    changed_rounds(patch, lambda one, dates: one if dates.course.happened("entry") < one.latest else None)


@sabotage
def who_comes_after_a_round_has_it(patch: Patch) -> None:
    def everybody(visit, dates):
        past = replace(dates.course, events={"entry": EventDate(date.min, Certainty.HAPPENED)})
        return rounds(visit, EventDates(dates.study, past, dates.calendar))

    rounds = trial.timeline._rounds
    patch.setattr(trial.timeline, "_rounds", everybody)


@sabotage
def a_round_is_due_on_its_last_day(patch: Patch) -> None:
    changed_rounds(patch, lambda one, _: replace(one, target=one.latest))


@sabotage
def who_comes_late_has_the_day_that_is_over(patch: Patch) -> None:
    rounds = trial.timeline._rounds

    def said(visit, dates):
        due = {f"{visit.id}_{one.name}": one.due for one in visit.rounds}
        return (replace(one, target=due[one.id]) for one in rounds(visit, dates))

    patch.setattr(trial.timeline, "_rounds", said)


@sabotage
def holidays_move_a_round(patch: Patch) -> None:
    changed_rounds(patch, lambda one, dates: replace(one, target=dates.calendar.on_or_before(one.target)))


@sabotage
def every_round_is_certain(patch: Patch) -> None:
    changed_rounds(patch, lambda one, _: replace(one, status=VisitStatus.FIRM))


def stopped_rounds(patch: Patch, stopped: Callable[[Occurrence, date], bool]) -> None:
    usual = trial.timeline._stopped

    def other(occurrence, visit, dates, end):
        return end is not None and stopped(occurrence, end) if visit.rounds else usual(occurrence, visit, dates, end)

    patch.setattr(trial.timeline, "_stopped", other)


@sabotage
def who_left_has_a_round_to_come(patch: Patch) -> None:
    stopped_rounds(patch, lambda *_: False)


@sabotage
def who_left_on_the_first_day_is_in(patch: Patch) -> None:
    stopped_rounds(patch, lambda one, end: end < one.earliest or one.status is not VisitStatus.FIRM)


@sabotage
def who_left_during_a_round_is_out_of_it(patch: Patch) -> None:
    stopped_rounds(patch, lambda one, end: end <= one.target or one.status is not VisitStatus.FIRM)


@sabotage
def who_left_is_asked_whether_a_round_applies(patch: Patch) -> None:
    stopped_rounds(patch, lambda one, end: end <= one.earliest)


@pytest.mark.parametrize("breaks", SABOTAGES, ids=lambda breaks: breaks.__name__)
def test_what_is_broken_on_purpose_is_noticed(monkeypatch, breaks):
    breaks(monkeypatch)
    found = compared(range(WITHIN), until_differing=1)

    assert len(found.differing) == 1
    assert "only the" in found.differing[0]
