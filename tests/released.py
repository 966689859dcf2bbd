"""Versions that are in use, for tests of everything that comes after a release."""

from datetime import date

from records import releases, sites, studies
from records.database import Records
from trial.moments import Instant

LONG_AGO = date(2020, 1, 1)


def release_everywhere(records: Records, *, now: Instant, active_from: date = LONG_AGO) -> None:
    """Every site uses the newest version of its study, and has for long, unless it uses one already.

    The reference study has numbers that no source backs, and may not be released outside of a demo: it is put in force here.
    """
    with records.begin() as tx:
        for study in studies.studies(tx):
            newest = studies.versions(tx, study.id)[-1]
            for site in sites.sites(tx, study.id):
                if not releases.of_site(tx, site.id):
                    releases.add_release(
                        tx,
                        study_version_id=newest.id,
                        site_id=site.id,
                        active_from=active_from,
                        approved_on=active_from,
                        dates_sha256=None,
                        prepared_by=None,
                        released_by=None,
                        released_at=now,
                        applied_at=now,
                    )
