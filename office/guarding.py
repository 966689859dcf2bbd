"""What the privacy guard has to know of a conversation: whose numbers, dates and codes are ours to write."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from records import people, sites, studies
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.guard import LENGTH_MAX, GuardContext, judge_or_block
from trial.moments import Instant, local_day
from trial.problems import Problem, ProblemError, Wrong
from trial.study import Study

NO_CODE: Final = r"(?!)"  # matches nothing


def guard_context(tx: Tx, definitions: Definitions, person_id: UUID | None, *, now: Instant) -> GuardContext:
    """For somebody's words. Of a stranger nothing is ours: every number counts."""
    held = () if person_id is None else people.memberships_of(tx, person_id)
    known = [site for one in held for site in sites.sites(tx, one.study_id) if one.site_id in {None, site.id}]
    patterns = [
        _codes(definitions.of_version(tx, version.id))
        for study_id in sorted({one.study_id for one in held})
        if (version := studies.version_in_use(tx, study_id, today=now.date()))
    ]
    return GuardContext(
        countries=tuple(dict.fromkeys(site.country for site in known)),
        subject_id="|".join(patterns) or NO_CODE,
        allowed=frozenset(site.number for site in known),
        today=local_day(now, zone_of(known[0].zone)) if known else now.date(),
    )


def _codes(study: Study) -> str:
    """What patients' codes look like: they keep what they were given, whatever form an amendment gives to new ones."""
    return "|".join(dict.fromkeys(f"(?:{one.subject_id.text})" for one in (study, *study.earlier)))


def check_words(words: str, study: Study, site: SiteRow, *, today: date, where: str = "words") -> str:
    """Words of the trial office about something of a site, without what surrounds them. `where`: the field that they are for.

    Raises:
        ProblemError: there are none, or the privacy guard stops them; it names the class and never quotes them.
    """
    return check_words_about(words, study, (site,), today=today, where=where)


def check_words_about(words: str, study: Study, about: Collection[SiteRow], *, today: date, where: str) -> str:
    """Words of the trial office about something of these sites.

    Raises:
        ProblemError: as `check_words`.
    """
    context = GuardContext(
        countries=tuple(dict.fromkeys(site.country for site in about)),
        subject_id=_codes(study),
        allowed=frozenset(site.number for site in about),
        today=today,
    )
    return _passed(words, context, where)


def check_own_words(tx: Tx, definitions: Definitions, words: str, by: UUID | None, *, now: Instant) -> str:
    """Words of somebody of the trial office about one of our people, without what surrounds them.

    Raises:
        ProblemError: as `check_words`.
    """
    return _passed(words, guard_context(tx, definitions, by, now=now), "words")


def _passed(words: str, context: GuardContext, where: str) -> str:
    said = " ".join(words.split())
    if not said or len(said) > LENGTH_MAX:
        wrong = Wrong.TOO_LONG if said else Wrong.MISSING
        raise ProblemError(Problem(where, "they are missing or too long", f"write 1 to {LENGTH_MAX} characters", wrong))
    found = judge_or_block(said, context)
    if found.findings:
        classes = ", ".join(sorted(finding.value for finding in found.findings))
        raise ProblemError(
            Problem(where, f"the privacy guard stopped them ({classes})", "write them without it", Wrong.GUARDED)
        )
    return said
