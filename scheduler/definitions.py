"""Study definitions, read once each: a version never changes after it was imported."""

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from uuid import UUID
from zoneinfo import ZoneInfo

from records import studies
from records.transaction import Tx
from trial import moments
from trial.amending import with_earlier
from trial.calendars import WorkingCalendar
from trial.study import Study


class Definitions:
    """The definitions that patients are planned by.

    `read` turns a stored document and its name into a study; the wiring hands in the reader of the trial office, which
    stands above this room.
    """

    def __init__(self, read: Callable[[str, str], Study]) -> None:
        self._read = read
        self._known: dict[UUID, Study] = {}

    def of_version(self, tx: Tx, study_version_id: UUID) -> Study:
        """The definition of this version, with the versions before it: what they planned still stands in the records.

        Raises:
            KeyError: there is no such version.
            ProblemError: this Sitebell does not understand the document any more.
        """
        known = self._known.get(study_version_id)
        if known is not None:
            return known
        row = studies.version(tx, study_version_id)
        if row is None:
            raise KeyError(study_version_id)
        study = self._read(row.document, f"{row.study_code} {row.version}")
        older = []
        for other in studies.versions(tx, row.study_id):
            if other.id == study_version_id:
                break
            older.append(self._read(other.document, f"{other.study_code} {other.version}"))
        study = with_earlier(study, older[::-1])
        self._known[study_version_id] = study
        return study


@lru_cache(maxsize=4096)
def calendar_of(country: str, region: str | None) -> WorkingCalendar:
    """The working days of a site."""
    return WorkingCalendar(country, region)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of a site."""
    return moments.zone(name)


@lru_cache(maxsize=1)
def zone_rules_version() -> str:
    """The version of the zone rules that local times are computed with: the pinned package's."""
    return version("tzdata")
