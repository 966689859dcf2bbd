"""Holds: the trial office lets a patient, a site, a kind of task or a study be until a day, says why, and may lift that.

Not to be taken for `office/holding.py`, where visits were held. A hold is told in `docs/glossary.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from office.guarding import check_words_about
from office.judging import Refusal
from office.rights import allowed_at, allowed_in_study
from records import agenda, holds, patients, people, schema, sites, studies
from records.edits import put_edits
from records.holds import HoldRow
from records.sealing import Json
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.holds import place_of, wake
from scheduler.there import there
from trial.access import Action
from trial.holds import LONGEST_HOLD, Hold, HoldScope, covers
from trial.moments import Instant, local_day
from trial.problems import Problem, ProblemError, Wrong
from trial.tasks import TaskKind


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be let be: a patient of a site, a site, a kind of task, or (with none of them) the whole study."""

    study: StudyRow
    site: SiteRow | None = None
    patient_id: UUID | None = None
    kind: TaskKind | None = None

    @property
    def scope(self) -> HoldScope:
        if self.patient_id is not None:
            return HoldScope.PATIENT
        if self.site is not None:
            return HoldScope.SITE
        return HoldScope.STUDY if self.kind is None else HoldScope.TASKS


@dataclass(frozen=True, slots=True)
class Lifted:
    """A hold that stands no longer. `tasks`: what it has kept back, and that rings now unless another hold covers it."""

    hold_id: UUID
    tasks: int


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold with its names. `site` and `code` are those of what it covers; `today` is the site's, or Greenwich's."""

    row: HoldRow
    today: date
    site: SiteRow | None
    code: str | None = field(repr=False)
    placed_by: str | None = field(repr=False)
    lifted_by: str | None = field(repr=False)

    @property
    def what(self) -> Hold:
        return self.row.what

    @property
    def stands(self) -> bool:
        return self.row.lifted_at is None and self.today <= self.row.what.until


def place_hold(
    tx: Tx,
    definitions: Definitions,
    target: Target,
    until: date,
    reason: str,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID | Refusal:
    """Nothing rings for this through `until`, its last day. `by` None: at the command line.

    Raises:
        ProblemError: a day that does not lie ahead or more than a year, no reason, or one that the privacy guard stops.
    """
    if not _allowed(tx, by, target.study.id, target.site, now=now):
        return Refusal.NOT_ALLOWED
    today = _today(target.site, now)
    _check_day(until, today)
    why = _checked(tx, definitions, target.study, target.site, reason, today=today)
    what = Hold(
        study_id=target.study.id,
        scope=target.scope,
        until=until,
        site_id=None if target.site is None else target.site.id,
        patient_id=target.patient_id,
        kind=target.kind,
    )
    hold_id = holds.add_hold(tx, what, reason=why, by=by, at=now)
    _show(tx, what, now=now, elapsed=elapsed)
    tx.audit(
        "hold.placed",
        table=schema.hold,
        object_id=hold_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={**_plain(what), "reason": why},
        reason=why,
    )
    return hold_id


def lift_hold(
    tx: Tx, definitions: Definitions, hold_id: UUID, reason: str, *, by: UUID | None, now: Instant, elapsed: Instant
) -> Lifted | Refusal:
    """The hold ends before its day. What it has kept back rings with the next tick, in one digest for each person.

    Raises:
        ProblemError: no reason, or one that the privacy guard stops.
    """
    row = holds.hold_by_id(tx, hold_id)
    if row is None:
        return Refusal.UNKNOWN
    site = None if row.what.site_id is None else sites.site_by_id(tx, row.what.site_id)
    if not _allowed(tx, by, row.what.study_id, site, now=now):
        return Refusal.NOT_ALLOWED
    today = _today(site, now)
    if row.lifted_at is not None or row.what.until < today:
        return Refusal.CLOSED
    study = next(one for one in studies.studies(tx) if one.id == row.what.study_id)
    why = _checked(tx, definitions, study, site, reason, today=today)
    if not holds.lift(tx, row, because=why, by=by, at=now):
        return Refusal.CLOSED
    where = [one.id for one in sites.sites(tx, study.id) if site is None or one.id == site.id]
    woken = wake(tx, row.what, there(tx, where, now=now), now=now)
    _show(tx, row.what, now=now, elapsed=elapsed)
    tx.audit(
        "hold.lifted",
        table=schema.hold,
        object_id=hold_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"until": row.what.until.isoformat()},
        after={"lifted_at": now.isoformat(), "lifted_because": why, "tasks": woken},
        reason=why,
    )
    return Lifted(hold_id, woken)


def _show(tx: Tx, what: Hold, *, now: Instant, elapsed: Instant) -> None:
    """The cards that stand in chats say that nothing rings for them, or no longer say so."""
    where = [one for one in sites.sites(tx, what.study_id) if what.site_id in {None, one.id}]
    days = {one.id: local_day(now, zone_of(one.zone)) for one in where}
    begun = agenda.open_at(tx, days, begun_by=max(days.values(), default=now.date()))
    covered = {task.visit_id for task in begun if covers(what, place_of(task), days[task.site_id])}
    put_edits(tx, covered, now=now, elapsed=elapsed)


def hold_lines(tx: Tx, study_id: UUID, where: Sequence[SiteRow], *, now: Instant) -> tuple[HoldLine, ...]:
    """The holds of a study that concern these sites: what stands first, the soonest over first, then what stood, the last
    one first.
    """
    by_id = {site.id: site for site in where}
    rows = [row for row in holds.holds_of_study(tx, study_id) if row.what.site_id is None or row.what.site_id in by_id]
    asked = {one for row in rows for one in (row.placed_by, row.lifted_by) if one is not None}
    names = people.names_of(tx, asked) if asked else {}
    lines = [_line(tx, row, by_id, names, now=now) for row in rows]
    standing = sorted((line for line in lines if line.stands), key=lambda line: (line.what.until, line.row.placed_at))
    return (*standing, *(line for line in lines if not line.stands))


def _line(tx: Tx, row: HoldRow, by_id: Mapping[UUID, SiteRow], names: Mapping[UUID, str], *, now: Instant) -> HoldLine:
    site = None if row.what.site_id is None else by_id[row.what.site_id]
    patient = None if row.what.patient_id is None else patients.patient_by_id(tx, row.what.patient_id)
    return HoldLine(
        row=row,
        today=_today(site, now),
        site=site,
        code=None if patient is None else patient.code,
        placed_by=None if row.placed_by is None else names.get(row.placed_by),
        lifted_by=None if row.lifted_by is None else names.get(row.lifted_by),
    )


def _allowed(tx: Tx, by: UUID | None, study_id: UUID, site: SiteRow | None, *, now: Instant) -> bool:
    """What reaches beyond a site is for whoever may hold the whole study."""
    if site is None:
        return allowed_in_study(tx, by, Action.HOLD, study_id, now=now)
    return allowed_at(tx, by, Action.HOLD, site, now=now)


def _today(site: SiteRow | None, now: Instant) -> date:
    return now.date() if site is None else local_day(now, zone_of(site.zone))


def _check_day(until: date, today: date) -> None:
    if until <= today:
        raise ProblemError(Problem("until", "the day does not lie ahead", "give a later day", Wrong.NOT_AHEAD))
    if until - today > LONGEST_HOLD:
        raise ProblemError(
            Problem("until", f"it is more than {LONGEST_HOLD.days} days ahead", "give an earlier day", Wrong.TOO_FAR)
        )


def _checked(
    tx: Tx, definitions: Definitions, study: StudyRow, site: SiteRow | None, reason: str, *, today: date
) -> str:
    version = studies.version_in_use(tx, study.id, today=today)
    if version is None:
        raise ProblemError(Problem("study", "it has no version yet", "take one in with sitebell study add"))
    about = sites.sites(tx, study.id) if site is None else (site,)
    definition = definitions.of_version(tx, version.id)
    return check_words_about(reason, definition, about, today=today, where="reason")


def _plain(what: Hold) -> Mapping[str, Json]:
    return {
        "scope": what.scope.value,
        "site": None if what.site_id is None else str(what.site_id),
        "patient": None if what.patient_id is None else str(what.patient_id),
        "kind": None if what.kind is None else what.kind.value,
        "until": what.until.isoformat(),
    }
