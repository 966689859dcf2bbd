"""Roles of people. What each may do is one rule in `trial/access.py`."""

from enum import StrEnum


class Role(StrEnum):
    """A person's role at a site or in the trial office, from a day to a day (delegation log)."""

    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    MANAGER = "manager"
