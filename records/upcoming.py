"""The first moments of all that is to come, in one question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from records.held import FIRST_WAITING
from records.reminders import NEXT_REMINDER, NEXT_TASK
from records.teams import NEXT_DIGEST
from records.transaction import Tx
from trial.moments import Instant, instant

_FIRST: Final = sa.select(
    *(one.scalar_subquery() for one in (NEXT_TASK, NEXT_REMINDER, NEXT_DIGEST, FIRST_WAITING)),
)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """`rings`: the first moment (trial time) at which a task or reminder rings or a digest is due; `leaves`: the first
    (elapsed time) at which something that waits may go out. Either may have passed.
    """

    rings: Instant | None
    leaves: Instant | None


def upcoming(tx: Tx) -> Upcoming:
    *rings, leaves = tx.connection.execute(_FIRST).one()
    return Upcoming(_instant(min((one for one in rings if one is not None), default=None)), _instant(leaves))


def _instant(moment: datetime | None) -> Instant | None:
    return None if moment is None else instant(moment)
