"""Roles of people. What each may do is one rule in `trial/access.py`."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A person's role at a site or in the trial office, from a day to a day (delegation log)."""

    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    MONITOR = "monitor"  # looks at one site or at the study, and changes nothing
    AUDITOR = "auditor"  # the same for the whole study, and the audit trail
    ADMINISTRATOR = "administrator"  # people and how Sitebell runs; no patient
    MANAGER = "manager"


SITE_STAFF: Final = frozenset({Role.COORDINATOR, Role.INVESTIGATOR})
"""Who works at a site: they answer, and nobody else is rung for a site."""

STUDY_WIDE: Final = frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.MANAGER})
"""Who belongs to all sites of a study and to none of them. A monitor belongs to one site or to all."""
