"""Each task of drawn plans is overdue from the day on that the oracle finds, and nobody is asked for what is restricted."""

from collections import Counter
from datetime import timedelta

import pytest

import trial.follow_up
import trial.visitplan.overdue
from tests.oracle.comparing import course_of, study_of
from tests.oracle.overdue import overdue_on, tolerated
from tests.oracle.plans import Plan, drawn
from trial.calendars import WorkingCalendar
from trial.follow_up import FollowUp, follow_up
from trial.ladder import TaskDates
from trial.moments import CalendarOffset, Unit
from trial.plan import planned_tasks
from trial.study import TaskClass
from trial.tasks import PlannedTask, TaskKind, TaskState
from trial.visitplan.overdue import BY_CLASS, Preset, Rules

PLANS = range(400)
DAY = timedelta(days=1)


def tasks_of(plan: Plan) -> list[tuple[str, PlannedTask]]:
    """What is open and has certain dates, each with the id of its visit in the study file."""
    planned = planned_tasks(study_of(plan), course_of(plan.patient), WorkingCalendar(plan.patient.country))
    return [(one.occurrence.definition_id, task) for one in planned for task in one.tasks if task.firm and task.closes]


def wrong(plan: Plan) -> list[str]:
    """The tasks that are not overdue from that day on, and not one day before."""
    study, calendar, country = study_of(plan), WorkingCalendar(plan.patient.country), plan.patient.country
    found = []
    for visit, task in tasks_of(plan):
        day = overdue_on(plan.document, task.occurrence, task.name, task.closes, country)
        tolerance = study.tolerance(task.kind, visit, task.name)
        dates = TaskDates(task.opens, task.due, task.closes, firm=True)
        states = [
            follow_up(TaskState.OPEN, dates, today, tolerance=tolerance, calendar=calendar)
            for today in (day - DAY, day)
        ]
        if states != [FollowUp.EXPECTED, FollowUp.OVERDUE]:
            found.append(f"{task.occurrence} {task.name}, last day {task.closes}: overdue on {day}?")
    return found


def test_each_task_is_overdue_from_the_day_on_that_the_oracle_finds():
    tried: Counter[tuple[str, str]] = Counter()
    for seed in PLANS:
        plan = drawn(seed)
        said = plan.document.get("overdue_after", "none")
        for _, task in tasks_of(plan):
            tried[str(said), tolerated(plan.document, task.occurrence, task.name)] += 1

        assert wrong(plan) == [], seed

    assert len(tried) > 15
    assert min(tried.values()) > 3


def test_nobody_is_asked_for_what_is_restricted():
    asked: Counter[bool] = Counter()
    for seed in PLANS:
        plan = drawn(seed)
        names = {task.occurrence.partition(":")[2] for _, task in tasks_of(plan) if task.kind is TaskKind.FACT}
        restricted = {name for name, fact in plan.document["facts"].items() if "restricted" in fact}
        asked.update({True: len(names), False: len(restricted)})

        assert not names & restricted, seed

    assert min(asked.values()) > 50


# --- the program broken on purpose ------------------------------------------------------------------------------------


def a_visit_has_no_class(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Rules, "special", lambda *_: {})


def everything_has_the_same_months(patch: pytest.MonkeyPatch) -> None:
    months = {**BY_CLASS[Preset.EORTC], TaskClass.BASELINE: CalendarOffset(4, Unit.MONTH)}
    patch.setitem(trial.visitplan.overdue.BY_CLASS, Preset.EORTC, months)


def what_is_asked_by_itself_has_a_class(patch: pytest.MonkeyPatch) -> None:
    tolerances = Rules.tolerances

    def of_all(rules):
        usual = rules.by_class.get(TaskClass.FOLLOW_UP)
        return tolerances(rules) if usual is None else dict.fromkeys(TaskKind, usual)

    patch.setattr(Rules, "tolerances", of_all)


def the_last_tolerated_day_is_overdue(patch: pytest.MonkeyPatch) -> None:
    inclusive = trial.follow_up._open

    def a_day_early(dates, today, tolerance, calendar):
        return inclusive(dates, today + DAY, tolerance, calendar)

    patch.setattr(trial.follow_up, "_open", a_day_early)


@pytest.mark.parametrize(
    "breaks",
    [
        a_visit_has_no_class,
        everything_has_the_same_months,
        what_is_asked_by_itself_has_a_class,
        the_last_tolerated_day_is_overdue,
    ],
)
def test_what_is_broken_on_purpose_is_noticed(monkeypatch, breaks):
    breaks(monkeypatch)

    assert any(wrong(drawn(seed)) for seed in PLANS)
