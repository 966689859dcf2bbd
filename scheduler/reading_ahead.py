"""What the first answer and the first tick would read while somebody waits: read when the service starts."""

from contextlib import suppress
from typing import Final

from records import patients, sites
from records.database import Records
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.moments import Instant
from trial.problems import ProblemError

YEARS: Final = 3
"""Public holidays of this year and the next ones: as far as the next visits of most patients."""


def read_ahead(records: Records, studies: Definitions, *, now: Instant) -> None:
    """Reads the definitions that patients are planned by, and the calendars of all sites. Changes nothing."""
    with records.read() as tx:
        for version_id in patients.versions_in_use(tx):
            # One that is not understood any more is told about by whoever needs it; the other studies go on.
            with suppress(ProblemError):
                studies.of_version(tx, version_id)
        everywhere = sites.sites(tx)
    for site in everywhere:
        time = site_time(site)
        today = time.today(now)
        for year in range(today.year, today.year + YEARS):
            # Looking for a working day asks for that year's public holidays.
            time.calendar.on_or_after(today.replace(year=year, month=1, day=1))
