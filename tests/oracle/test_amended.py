"""An amendment leads to the visits that the oracle finds, cancels exactly what it no longer wants, and adds nothing twice."""

from collections.abc import Callable
from datetime import date

import pytest

import trial.amending
from tests.oracle.amended_plans import amended
from tests.oracle.comparing import course_of
from tests.oracle.comparing_versions import chain_of, compared_versions, planned
from tests.trial.test_plan import as_records, carried_out
from trial.amending import Renamed
from trial.plan import changes

AMENDMENTS = 500
ENOUGH = 20
WITHIN = 300
"""So few amendments are enough to notice that a rule is broken."""

MET = (
    "by version 1",
    "by version 2",
    "held, by version 1",
    "held, by version 2",
    "held before the day, due after",
    "given up, but held",
    "renamed",
    "dropped",
    "gone in a new way",
)


def test_an_amendment_leads_to_the_visits_that_the_oracle_finds():
    found = compared_versions(range(AMENDMENTS))

    assert "\n\n".join(found.differing) == ""
    assert [what for what in MET if found.met[what] < ENOUGH] == []


def test_an_amendment_cancels_exactly_what_it_no_longer_wants_and_adds_nothing_twice():
    cancelled = 0
    for seed in range(200):
        case = amended(seed)
        course, chain = course_of(case.patient), chain_of(case)
        newest = chain[-1].study
        before, after = planned(case, chain[:1]), planned(case, chain)
        standing = as_records({task.key: task for visit in before for task in visit.tasks})

        found = changes(after, standing, study=newest, course=course)

        wanted = {task.key for visit in after for task in visit.tasks}
        stood = {task.key for task in standing}
        cancelled += len(found.cancel)
        assert {key for key, _ in found.cancel} == stood - wanted, seed
        assert {task.key for _, task in found.add} == wanted - stood, seed
        assert len(wanted) == sum(len(visit.tasks) for visit in after), seed
        assert not changes(after, carried_out(standing, found), study=newest, course=course), seed

    assert cancelled > 200


# --- the program broken on purpose ------------------------------------------------------------------------------------

Patch = pytest.MonkeyPatch
taken_over, stays = trial.amending._taken_over, trial.amending._stays


def nothing_stays(patch: Patch) -> None:
    patch.setattr(trial.amending, "_stays", lambda *_: False)


def what_was_held_before_is_asked_for_anew(patch: Patch) -> None:
    patch.setattr(trial.amending, "_stays", lambda visit, since, _: visit.occurrence.target < since)


def what_was_held_later_stays_too(patch: Patch) -> None:
    patch.setattr(trial.amending, "_stays", lambda visit, _, course: stays(visit, date.max, course))


def what_is_given_up_is_forgotten(patch: Patch) -> None:
    def forgotten(before, kept, planned, since, renamed, course):
        found = taken_over(before, kept, planned, since, renamed, course)
        return {
            key: visit
            for key, visit in found.items()
            if visit is not before.get(key) or ":" in key or stays(visit, since, course)
        }

    patch.setattr(trial.amending, "_taken_over", forgotten)


def what_is_new_may_lie_before_the_day(patch: Patch) -> None:
    def all_of_it(before, kept, planned, since, renamed, course):
        return {**planned, **taken_over(before, kept, planned, since, renamed, course)}

    patch.setattr(trial.amending, "_taken_over", all_of_it)


def a_renamed_visit_is_another_one(patch: Patch) -> None:
    patch.setattr(Renamed, "now", lambda _, occurrence: occurrence)


def a_new_name_was_never_held(patch: Patch) -> None:
    patch.setattr(trial.amending, "_held_by_all_names", lambda course, _: course)


def a_rhythm_begins_anew(patch: Patch) -> None:
    patch.setattr(trial.amending, "_counted_from", lambda *_: {})


def an_older_version_knows_no_new_way_of_leaving(patch: Patch) -> None:
    patch.setattr(trial.amending, "_ending_as", lambda study, _: study)


@pytest.mark.parametrize(
    "breaks",
    [
        nothing_stays,
        what_was_held_before_is_asked_for_anew,
        what_was_held_later_stays_too,
        what_is_given_up_is_forgotten,
        what_is_new_may_lie_before_the_day,
        a_renamed_visit_is_another_one,
        a_new_name_was_never_held,
        a_rhythm_begins_anew,
        an_older_version_knows_no_new_way_of_leaving,
    ],
)
def test_what_is_broken_on_purpose_is_noticed(monkeypatch, breaks: Callable[[Patch], None]):
    breaks(monkeypatch)

    assert len(compared_versions(range(WITHIN), until_differing=1).differing) == 1
