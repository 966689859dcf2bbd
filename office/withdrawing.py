"""A release that was a mistake is taken back, as long as it has planned nobody. What has begun is corrected by a version."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from office.guarding import check_words
from office.rights import allowed_in_study
from records import releases, schema, sites
from records.releases import ReleaseRow
from records.sites import SiteRow
from records.studies import StudyVersionRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.access import Action
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong


def withdraw_release(
    tx: Tx,
    definitions: Definitions,
    version: StudyVersionRow,
    site: SiteRow,
    *,
    by: UUID | None,
    reason: str,
    now: Instant,
    elapsed: Instant,
) -> date:
    """Takes a release back that has not planned anybody: before its day, or where there was no patient to plan. The version
    may be released there again; that it was, and by whom, stays in the audit trail. The day from which it was to be used.

    Raises:
        ProblemError: everything that speaks against it; the transaction must not go on.
    """
    sites.lock_site(tx, site.id)
    standing = releases.of_site(tx, site.id)
    wanted = next((row for row in standing if row.study_version_id == version.id), None)
    if wanted is None:
        raise ProblemError(
            Problem(
                f"site {site.number}",
                f"version {version.version} is not released for it",
                "there is nothing to take back",
                Wrong.CLOSED,
            )
        )
    problems = tuple(_against(tx, wanted, standing[-1], site, by=by, now=now))
    if problems:
        raise ProblemError(*problems)
    study = definitions.of_version(tx, version.id)
    reason = check_words(reason, study, site, today=site_time(site).today(now), where="reason")
    releases.remove_release(tx, wanted.id)
    tx.audit(
        "study.release_withdrawn",
        table=schema.release,
        object_id=wanted.id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={
            "study": version.study_code,
            "protocol": version.version,
            "site": site.number,
            "active_from": wanted.active_from.isoformat(),
            "approved_on": None if wanted.approved_on is None else wanted.approved_on.isoformat(),
            "dates_sha256": wanted.dates_sha256,
            "prepared_by": None if wanted.prepared_by is None else str(wanted.prepared_by),
            "released_by": None if wanted.released_by is None else str(wanted.released_by),
        },
        reason=reason,
    )
    return wanted.active_from


def may_be_withdrawn(tx: Tx, version: StudyVersionRow, site: SiteRow) -> bool:
    """Whether its release there plans nobody and is the last."""
    standing = releases.of_site(tx, site.id)
    return (
        bool(standing)
        and standing[-1].study_version_id == version.id
        and not releases.plans_somebody(tx, site.id, version.id)
    )


def _against(
    tx: Tx, wanted: ReleaseRow, last: ReleaseRow, site: SiteRow, *, by: UUID | None, now: Instant
) -> Iterable[Problem]:
    where = f"site {site.number}"
    if not allowed_in_study(tx, by, Action.RELEASE, site.study_id, now=now):
        yield Problem("by", "this person may not take a release back", "let a manager do it", Wrong.NOT_ALLOWED)
    if last.id != wanted.id:
        yield Problem(
            where,
            "a version that follows it is released there, too",
            "take that release back first",
            Wrong.LATER_VERSION,
            last.active_from.isoformat(),
        )
    if releases.plans_somebody(tx, site.id, wanted.study_version_id):
        yield Problem(
            where,
            "patients are planned by this version already",
            "release another version that says what is right",
            Wrong.CLOSED,
        )
