"""When a site works: its hours, and days on which it is closed beside weekends and public holidays.

What is planned already moves with them: a warning that would have fallen on a closed day comes on the working day before.
"""

from collections.abc import Iterable
from datetime import date, time
from typing import Final
from uuid import UUID

from office.rights import allowed_at
from records import closings, patients, plans, schema, sites
from records.closings import ClosingRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.digesting import set_digest_alarm
from scheduler.planning import plan_patient
from scheduler.there import there
from trial.access import Action
from trial.hours import LONGEST_WAIT, check_hours
from trial.moments import Instant, local_day
from trial.problems import Problem, ProblemError
from trial.study import Step
from trial.tasks import TaskState

_LADDER: Final = frozenset(Step)


def close_site(
    tx: Tx,
    studies: Definitions,
    site: SiteRow,
    first: date,
    last: date,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    """Nobody works there from the first day to the last, both inclusive. `by` None: at the command line.

    Raises:
        ProblemError: days that cannot be, or no right to say so.
    """
    _check_right(tx, site, by, now=now)
    if last < first or last < local_day(now, zone_of(site.zone)):
        raise ProblemError(Problem("closing", "its last day lies before its first, or before today", "give later days"))
    if last - first > LONGEST_WAIT:
        raise ProblemError(
            Problem("closing", f"it is longer than {LONGEST_WAIT.days} days", "give less, or end people's access")
        )
    closing_id = closings.add_closing(tx, site.id, first=first, last=last, recorded_at=now)
    tx.audit(
        "site.closed",
        table=schema.site_closing,
        object_id=closing_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"site": str(site.id), "first": first.isoformat(), "last": last.isoformat()},
    )
    _move_with_it(tx, studies, site, because="site.closed", by=by, now=now, elapsed=elapsed)
    return closing_id


def open_site(
    tx: Tx, studies: Definitions, site: SiteRow, day: date, *, by: UUID | None, now: Instant, elapsed: Instant
) -> tuple[ClosingRow, ...]:
    """The closings that hold on this day are taken back, each as a whole; which they were.

    Raises:
        ProblemError: the site is not closed on this day, or no right to say so.
    """
    _check_right(tx, site, by, now=now)
    known = closings.closings_at(tx, (site.id,), since=day).get(site.id, ())
    removed = tuple(one for one in known if one.first <= day <= one.last)
    if not removed:
        raise ProblemError(Problem("opening", "the site is not closed on this day", "see `sitebell site closings`"))
    for closing in removed:
        closings.remove_closing(tx, closing.id, at=now)
        tx.audit(
            "site.opened",
            table=schema.site_closing,
            object_id=closing.id,
            by=by,
            at=now,
            recorded_at=elapsed,
            before={"first": closing.first.isoformat(), "last": closing.last.isoformat()},
            after={"removed_at": now.isoformat()},
        )
    _move_with_it(tx, studies, site, because="site.opened", by=by, now=now, elapsed=elapsed)
    return removed


def closings_of(tx: Tx, site: SiteRow, *, now: Instant) -> tuple[ClosingRow, ...]:
    """Closings that are not over, the next first."""
    today = local_day(now, zone_of(site.zone))
    return closings.closings_at(tx, (site.id,), since=today).get(site.id, ())


def set_site_hours(
    tx: Tx,
    site: SiteRow,
    hours: tuple[time, time] | None,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """Between which local wall times the site's people may be written to, unless they have set their own; None: the usual.

    Raises:
        BadHours: nobody could be written to in them.
        ProblemError: no right to say so.
    """
    _check_right(tx, site, by, now=now)
    if hours is not None:
        check_hours(*hours)
    sites.set_hours(tx, site.id, hours)
    tx.audit(
        "site.hours",
        table=schema.site,
        object_id=site.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"hours": _shown(site.hours)},
        after={"hours": _shown(hours)},
    )
    _set_digest_alarms(tx, site, now=now)


def _check_right(tx: Tx, site: SiteRow, by: UUID | None, *, now: Instant) -> None:
    if not allowed_at(tx, by, Action.RECORD, site, now=now):
        raise ProblemError(Problem("site", "only the trial office can say when it works", "ask the trial office"))


def _move_with_it(
    tx: Tx, studies: Definitions, site: SiteRow, *, because: str, by: UUID | None, now: Instant, elapsed: Instant
) -> None:
    """Sets the alarms anew that stand at a step of their ladder to come; a promise to somebody is kept as it is."""
    for patient_id in patients.patient_ids(tx, site_id=site.id):
        coming = [
            task.id
            for task in plans.tasks_of_patient(tx, patient_id)
            if task.state is TaskState.OPEN
            and task.next_step in _LADDER
            and task.next_attention_at is not None
            and task.next_attention_at > now
        ]
        if coming:
            plan_patient(tx, studies, patient_id, now=now, elapsed=elapsed, because=because, by=by, rearm=coming)
    _set_digest_alarms(tx, site, now=now)


def _set_digest_alarms(tx: Tx, site: SiteRow, *, now: Instant) -> None:
    for person_id in _people(tx, site, now=now):
        set_digest_alarm(tx, person_id, now=now)


def _people(tx: Tx, site: SiteRow, *, now: Instant) -> Iterable[UUID]:
    return there(tx, (site.id,), now=now)[site.id].readers


def _shown(hours: tuple[time, time] | None) -> str | None:
    return None if hours is None else "-".join(wall.isoformat("minutes") for wall in hours)
