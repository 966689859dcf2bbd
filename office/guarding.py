"""What the privacy guard has to know of a conversation: whose numbers, dates and codes are ours to write."""

from typing import Final
from uuid import UUID

from records import people, sites, studies
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.guard import GuardContext
from trial.moments import Instant, local_day

NO_CODE: Final = r"(?!)"  # matches nothing


def guard_context(tx: Tx, definitions: Definitions, person_id: UUID | None, *, now: Instant) -> GuardContext:
    """For somebody's words. Of a stranger nothing is ours: every number counts."""
    held = () if person_id is None else people.memberships_of(tx, person_id)
    known = [site for one in held for site in sites.sites(tx, one.study_id) if one.site_id in {None, site.id}]
    patterns = [
        f"(?:{definitions.of_version(tx, versions[-1].id).subject_id.text})"
        for study_id in sorted({one.study_id for one in held})
        if (versions := studies.versions(tx, study_id))
    ]
    return GuardContext(
        countries=tuple(dict.fromkeys(site.country for site in known)),
        subject_id="|".join(patterns) or NO_CODE,
        allowed=frozenset(site.number for site in known),
        today=local_day(now, zone_of(known[0].zone)) if known else now.date(),
    )
