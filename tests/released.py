"""Versions that are in use, for tests of everything that comes after a release."""

import re
from datetime import date
from pathlib import Path

from records import releases, sites, studies
from records.database import Records
from trial.moments import Instant

CHECKOUT = Path(__file__).resolve().parent.parent
DREAM = CHECKOUT / "studies" / "dream.yaml"
LONG_AGO = date(2020, 1, 1)
TABLE = """
amendments:
  - {version: "1.1", active: {default: 2016-08-22}}
  - version: "2.0"
    active: {default: null, "501": 2026-05-04}
    applies_to: visits_due_after_activation
    changes: Follow-up imaging every four months instead of six
    renames: {fu_6mo: drop, fu_18mo: drop}
"""


def sourced(text: str) -> str:
    """The reference study as if every number stood in the protocol."""
    return re.sub(r",?\s*unverified: true", "", text)


def amendment(*, version: str = "2.0", table: str = TABLE, **changes: str) -> str:
    text = sourced(DREAM.read_text(encoding="utf-8")).replace('version: "1.1"', f'version: "{version}"')
    text = text.replace("value: every 6mo until 24mo", "value: every 4mo until 24mo")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text + table


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
