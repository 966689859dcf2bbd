"""The order of what was said survives a clock that was set back: each record stands after all before it."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from records.columns import Moment

AT: Final = "at"
"""The parameter that holds the moment itself."""

OF_PATIENT: Final = "of_patient"
"""The parameter that holds the patient whose records are meant."""

_NEXT: Final = 1  # a moment counts in microseconds


def after_the_last(moment: sa.Column[datetime]) -> sa.ScalarSelect[datetime]:
    """The value of an INSERT: `at`, or the first moment after the last one that this patient has in the column."""
    at = sa.bindparam(AT, type_=Moment)
    last = sa.func.max(moment)
    next_one = sa.type_coerce(sa.type_coerce(last, sa.BigInteger) + _NEXT, Moment)
    return (
        sa.select(sa.case((last >= at, next_one), else_=at))
        .where(moment.table.c.patient_id == sa.bindparam(OF_PATIENT, type_=sa.Uuid))
        .scalar_subquery()
    )
