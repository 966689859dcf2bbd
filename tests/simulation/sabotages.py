"""Sitebell broken on purpose, at least once for each rule of the simulation: what finds nothing proves nothing."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import scheduler.choosing
import scheduler.planning
import scheduler.ringing
import scheduler.there
from records import outbox, schema
from records.outbox import Claim
from records.transaction import Tx
from scheduler.alarms import Next
from scheduler.choosing import Chosen
from tests.simulation import phones, running
from tests.simulation.acting import Acting
from tests.simulation.phones import Faults
from tests.simulation.places import PROMPT, SILENT
from tests.simulation.rules import Rule
from tests.simulation.world import BEGINS, Scale, World
from trial import responsibility
from trial.answers import AnswerKind, LeavingKind, Said
from trial.moments import instant
from trial.study import Step

SMALL = Scale(years=1.5, patients=0.4, weekly=0.0, crashes=0.0, outages=0.0)
NOBODY_ANSWERS = replace(SMALL, habits=(SILENT,))

Patch = pytest.MonkeyPatch
Breaks = Callable[[Patch, World], None]


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One way to break Sitebell, and the rule that then does not hold."""

    name: str
    rule: Rule
    scale: Scale
    breaks: Breaks


SABOTAGES: list[Sabotage] = []


def sabotage(rule: Rule, scale: Scale = SMALL) -> Callable[[Breaks], Breaks]:
    """This breaks that rule, in a study of this scale."""

    def remembered(breaks: Breaks) -> Breaks:
        SABOTAGES.append(Sabotage(breaks.__name__, rule, scale, breaks))
        return breaks

    return remembered


# --- what reaches a phone ---------------------------------------------------------------------------------------------


@sabotage(Rule.IN_HOURS)
def hours_are_not_asked(patch: Patch, _: World) -> None:
    for room in ("placing", "grouping"):
        patch.setattr(f"scheduler.{room}.next_permitted", lambda now, _hours: now)


@sabotage(Rule.IN_HOURS, replace(SMALL, faults=Faults(flood=0.3)))
def a_card_leaves_too_late(patch: Patch, _: World) -> None:
    patch.setattr(running, "put_off", lambda *_, **__: False)
    patch.setattr(phones, "FLOODS", (36_000,))


@sabotage(Rule.UNDER_CAP, replace(SMALL, caps=(1,)))
def a_day_has_room_for_everything(patch: Patch, _: World) -> None:
    patch.setattr("scheduler.grouping._room", lambda _tx, readers, **_: dict.fromkeys(readers, 99))


@sabotage(Rule.THREE_RINGS, NOBODY_ANSWERS)
def nobody_counts_rings(patch: Patch, _: World) -> None:
    patch.setattr("scheduler.placing.RINGS_WITHOUT_NEWS", 99)


@sabotage(Rule.LEFT_SILENT)
def a_patient_who_has_left_is_followed(patch: Patch, _: World) -> None:
    gone = AnswerKind.NO_LONGER_FOLLOWED, Said(leaving=LeavingKind.DEATH)
    patch.setattr(scheduler.planning.Chart, "wanted_state", scheduler.planning.FOLLOWED)
    patch.setattr(Acting, "_choose", lambda _self, task, _today: gone if task.state == "open" else None)


@sabotage(Rule.NOT_BEFORE, replace(SMALL, patients=1.0))
def a_site_rings_before_its_date(patch: Patch, _: World) -> None:
    kept = scheduler.there.site_time
    patch.setattr("scheduler.there.site_time", lambda *words: replace(kept(*words), rings_from=date(2000, 1, 1)))


@sabotage(Rule.ON_HOLD, replace(SMALL, holds=60.0))
def a_hold_keeps_nothing_quiet(patch: Patch, _: World) -> None:
    patch.setattr("scheduler.holds.held_until", lambda *_words: None)


# --- what a tick decides ----------------------------------------------------------------------------------------------


@sabotage(Rule.RIGHT_PERSON)
def the_investigator_hears_what_is_due(patch: Patch, _: World) -> None:
    def whom(step: Step, *words: Any, **more: Any) -> Any:
        return responsibility.whom(Step.INVESTIGATOR if step is Step.DUE else step, *words, **more)

    patch.setattr("scheduler.choosing.whom", whom)


@sabotage(Rule.RIGHT_PERSON, NOBODY_ANSWERS)
def colleagues_who_are_there_are_left_out(patch: Patch, _: World) -> None:
    def whom(step: Step, *words: Any, **more: Any) -> Any:
        return () if step is Step.INVESTIGATOR else responsibility.whom(step, *words, **more)

    patch.setattr("scheduler.choosing.whom", whom)


@sabotage(Rule.RIGHT_PERSON, NOBODY_ANSWERS)
def a_backup_is_told_twice(patch: Patch, _: World) -> None:
    def whom(*words: Any, told_before: frozenset[Any], **more: Any) -> Any:
        return responsibility.whom(*words, **more, told_before=frozenset())

    patch.setattr("scheduler.choosing.whom", whom)


def _taken_as(patch: Patch, instead: Mapping[str, str]) -> None:
    chosen = scheduler.choosing.choose
    patch.setattr(
        "scheduler.ringing.choose", lambda step, *words, **more: chosen(instead.get(step, step), *words, **more)
    )


@sabotage(Rule.IN_ORDER)
def an_investigator_hears_of_it_first(patch: Patch, _: World) -> None:
    _taken_as(patch, {"window_open": "investigator", "due": "investigator"})


@sabotage(Rule.IN_ORDER)
def a_manager_hears_of_it_first(patch: Patch, _: World) -> None:
    _taken_as(patch, {"window_open": "manager"})


@sabotage(Rule.IN_ORDER, NOBODY_ANSWERS)
def the_next_step_comes_at_once(patch: Patch, _: World) -> None:
    """As it once was: a step that found nobody gave way to the next one on the same day."""
    then = scheduler.ringing._then

    def hasty(ring: Any, chosen: Any, now: Any) -> Next:
        coming = then(ring, chosen, now)
        passed_over = isinstance(chosen, Chosen) and bool(chosen.passed_over)
        return replace(coming, at=instant(now + timedelta(days=1))) if passed_over and coming.at else coming

    patch.setattr(scheduler.ringing, "_then", hasty)


@sabotage(Rule.IN_ORDER, NOBODY_ANSWERS)
def a_ladder_that_began_late_makes_up_for_lost_time(patch: Patch, _: World) -> None:
    """Each step keeps the study file's day, and no distance from the one before."""
    patch.setattr("trial.ladder._distant", lambda *_, **__: instant(BEGINS))


@sabotage(Rule.IN_ORDER, NOBODY_ANSWERS)
def a_step_is_left_out_without_a_word(patch: Patch, _: World) -> None:
    chosen = scheduler.choosing.choose

    def choose(*words: Any, **more: Any) -> Any:
        taken = chosen(*words, **more)
        return replace(taken, passed_over=()) if isinstance(taken, Chosen) else taken

    patch.setattr("scheduler.ringing.choose", choose)


@sabotage(Rule.IN_ORDER, replace(NOBODY_ANSWERS, patients=1.0))
def the_office_hears_at_once_where_nobody_is_there(patch: Patch, world: World) -> None:
    patch.setattr(scheduler.choosing, "_manager_s_moment_came", lambda *_: True)

    def everybody_blocks() -> None:
        for place in world.places:
            for somebody in place.people:
                world._blocks(somebody)

    for number in range(8):
        world.at(BEGINS + timedelta(days=60 * (number + 1)), everybody_blocks)


# --- what is recorded -------------------------------------------------------------------------------------------------


def _loses(patch: Patch, step: str) -> None:
    then = scheduler.ringing._then

    def forgetful(*words: Any) -> Next:
        coming = then(*words)
        return Next(None, None) if coming.step == step else coming

    patch.setattr(scheduler.ringing, "_then", forgetful)


@sabotage(Rule.STEPS_ACCOUNTED, NOBODY_ANSWERS)
def a_ladder_loses_what_is_due(patch: Patch, _: World) -> None:
    _loses(patch, "due")


@sabotage(Rule.STEPS_ACCOUNTED, NOBODY_ANSWERS)
def a_ladder_loses_what_is_late(patch: Patch, _: World) -> None:
    _loses(patch, "late")


@sabotage(Rule.STEPS_ACCOUNTED, NOBODY_ANSWERS)
def a_ladder_loses_its_backup(patch: Patch, _: World) -> None:
    _loses(patch, "backup")


@sabotage(Rule.STEPS_ACCOUNTED, NOBODY_ANSWERS)
def a_ladder_loses_its_manager(patch: Patch, _: World) -> None:
    _loses(patch, "manager")


@sabotage(Rule.AUDITOR_AGREES, NOBODY_ANSWERS)
def an_auditor_sees_nothing(patch: Patch, _: World) -> None:
    patch.setattr(scheduler.ringing, "_then", lambda *_: Next(None, None))
    patch.setattr("scheduler.auditing._unaccounted", lambda *_, **__: [])


@sabotage(Rule.AUDITOR_AGREES, NOBODY_ANSWERS)
def an_auditor_reports_what_is_not_missing(patch: Patch, _: World) -> None:
    patch.setattr("scheduler.auditing._accounted", lambda *_: frozenset[Step]())


@sabotage(Rule.LADDERS_END, NOBODY_ANSWERS)
def a_ladder_has_no_end(patch: Patch, _: World) -> None:
    then = scheduler.ringing._then

    def endless(ring: Any, chosen: Any, now: Any) -> Next:
        coming = then(ring, chosen, now)
        return Next("manager", instant(now + timedelta(days=3))) if coming.step is None else coming

    patch.setattr(scheduler.ringing, "_then", endless)


class Forgotten(Exception):
    """The transaction is rolled back, and nobody says so."""


@sabotage(Rule.ANSWERS_KEPT, replace(SMALL, years=0.5, habits=(PROMPT,)))
def an_answer_is_taken_and_not_kept(patch: Patch, world: World) -> None:
    kept = world.running.within

    def within(act: Callable[[Tx], Any]) -> Any:
        if world.chance.random() > 0.2 or act.__qualname__ != "Acting._say.<locals>.record":
            return kept(act)
        said: list[Any] = []
        with suppress(Forgotten), world.records.begin() as tx:
            said.append(act(tx))
            raise Forgotten
        return said[0]

    patch.setattr(world.running, "within", within)


@sabotage(Rule.NOTHING_STUCK)
def a_card_becomes_void_and_nobody_says_why(patch: Patch, _: World) -> None:
    settled = outbox.settle

    def settle(tx: Tx, claim: Claim, *words: Any, **more: Any) -> Any:
        done = settled(tx, claim, *words, **more)
        voided = sa.update(schema.notice).where(schema.notice.c.id == claim.notice_id).values(state="void")
        tx.connection.execute(voided)
        return done

    patch.setattr("records.outbox.settle", settle)


@sabotage(Rule.LOG_HOLDS, replace(SMALL, years=0.1))
def the_log_is_changed(patch: Patch, world: World) -> None:
    ends = world.judge.ends

    def tampered() -> None:
        with world.records.begin() as tx:
            tx.connection.execute(sa.text("UPDATE audit SET action = 'nothing' WHERE sequence = 9"))
        ends()

    patch.setattr(world.judge, "ends", tampered)


@sabotage(Rule.MOVES_ON)
def a_tick_goes_round_in_circles(patch: Patch, _: World) -> None:
    patch.setattr(running, "TASKS_AT_MOST", (5000,))
    patch.setattr(scheduler.ringing, "_then", lambda ring, _chosen, now: Next(ring.due.next_step, now))
