"""A version's day has come at a site: its patients are planned by it from now on, as the amendment says.

What was told stays told. A task whose due date stays rings no second time, one that moved rings its ladder anew, one that
the new version does not have any more is cancelled, and what was on its way about it is not sent.
"""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from uuid import UUID

from records import releases, schema, sites
from records.database import Records
from records.releases import ReleaseRow, VersionRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.planning import Chart, plan_patient, read_chart
from scheduler.there import site_time
from trial.amending import Active, chain_of
from trial.moments import Instant, at_local
from trial.study import AppliesTo

AMENDED = "protocol.amended"
_EAST = timedelta(hours=14)
"""Where a day begins first."""


def any_release_due(tx: Tx, *, now: Instant) -> bool:
    """Whether a version's day has come at a site whose patients were not moved yet."""
    return _first_due(tx, now=now) is not None


def amend_due(records: Records, studies: Definitions, *, now: Instant, elapsed: Instant, limit: int) -> int:
    """Moves patients to the version whose day has come, in one transaction: `limit` of them, of one site and version.

    Fewer than `limit`: nothing more is due. A process that ends in between leaves the rest to the next one.
    """
    with records.begin() as tx:
        found = _first_due(tx, now=now)
        if found is None:
            return 0
        release, site = found
        sites.lock_site(tx, site.id)
        if all(row.id != release.id for row in releases.of_site(tx, site.id)):
            return limit  # taken back meanwhile
        wanted = _to_move(tx, _active(tx, studies, release), release, site, limit=limit, now=now)
        for patient_id in wanted:
            move_patient(tx, studies, patient_id, now=now, elapsed=elapsed)
        if len(wanted) < limit:
            releases.set_applied(tx, release.id, at=now)
            # The next site's turn may be at once.
            return limit
        return len(wanted)


def next_activation(tx: Tx) -> Instant | None:
    """When a version's day comes next, at the site where that is first."""
    moments = []
    for release in releases.waiting(tx, until=date.max):
        site = sites.site_by_id(tx, release.site_id)
        if site is not None:
            moments.append(at_local(release.active_from, time(), zone_of(site.zone)))
    return min(moments, default=None)


def _first_due(tx: Tx, *, now: Instant) -> tuple[ReleaseRow, SiteRow] | None:
    for release in releases.waiting(tx, until=(now + _EAST).date()):
        site = sites.site_by_id(tx, release.site_id)
        if site is not None and release.active_from <= site_time(site).today(now):
            return release, site
    return None


def _to_move(
    tx: Tx, version: Active[UUID], release: ReleaseRow, site: SiteRow, *, limit: int, now: Instant
) -> tuple[UUID, ...]:
    match version.applies_to:
        case AppliesTo.NEW_PATIENTS:
            return ()
        case AppliesTo.AFTER_RECONSENT:
            today = site_time(site).today(now)
            return releases.consented_not_moved(tx, site.id, release.study_version_id, today=today, limit=limit)
        case AppliesTo.VISITS_DUE_AFTER_ACTIVATION:
            return releases.not_moved(tx, site.id, release.study_version_id, limit=limit)


def move_patient(
    tx: Tx, studies: Definitions, patient_id: UUID, *, by: UUID | None = None, now: Instant, elapsed: Instant
) -> bool:
    """Plans a patient by the versions of their site, as they are today; False where that changes nothing.

    Raises:
        KeyError: there is no such patient.
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    chart = read_chart(tx, studies, patient_id)
    standing = releases.chain_of(tx, patient_id) or (VersionRow(chart.patient.study_version_id, None),)
    chain = wanted_chain(
        tx,
        studies,
        chart.site,
        registered=_registered(chart),
        consented=releases.consents_of(tx, patient_id),
        standing=standing,
        now=now,
    )
    if not chain or chain == standing:
        return False
    releases.set_chain(tx, patient_id, chain, at=now)
    after = studies.of_version(tx, chain[-1].study_version_id)
    tx.audit(
        "patient.version_changed",
        table=schema.patient,
        object_id=patient_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"protocol": chart.study.version},
        after={
            "protocol": after.version,
            "since": None if chain[-1].since is None else chain[-1].since.isoformat(),
        },
    )
    # Dates that stay keep their alarms, unless the ladder itself rings on other days now.
    other_ladder = [
        task.id for task in chart.tasks if chart.study.ladders.get(task.ladder) != after.ladders.get(task.ladder)
    ]
    plan_patient(tx, studies, patient_id, now=now, elapsed=elapsed, because=AMENDED, by=by, rearm=other_ladder)
    return True


def wanted_chain(
    tx: Tx,
    studies: Definitions,
    site: SiteRow,
    *,
    registered: date,
    consented: Mapping[UUID, date],
    standing: Sequence[VersionRow] = (),
    now: Instant,
) -> tuple[VersionRow, ...]:
    """The versions that plan a patient of this site today, who was registered on that day; empty where none is released.

    `standing`: those that plan them already. A version that came for everybody and left this patient where they were (what
    was in use when releases came) does not come for them later.
    """
    known = {link.study_version_id for link in standing}
    active = [
        version
        for row in releases.of_site(tx, site.id)
        if (version := _active(tx, studies, row)).key in known
        or not known
        or row.applied_at is None
        or version.applies_to is not AppliesTo.VISITS_DUE_AFTER_ACTIVATION
    ]
    chain = chain_of(active, registered=registered, consented=consented, today=site_time(site).today(now))
    return tuple(VersionRow(link.key, link.since) for link in chain)


def _active(tx: Tx, studies: Definitions, row: ReleaseRow) -> Active[UUID]:
    return Active(row.study_version_id, studies.of_version(tx, row.study_version_id), row.active_from)


def _registered(chart: Chart) -> date:
    """The day of the registration. Every patient has one: nobody is entered without."""
    return chart.course.events[chart.study.registration].day
