"""What comes next, for the demo's clock: it steps through each moment at which something is due."""

from records import reminders, teams
from records.database import Records
from scheduler.alarms import NOBODY
from trial.moments import Instant


def next_due(records: Records, now: Instant) -> Instant | None:
    """The next moment at which a task rings, a reminder may go out or a digest is due: `now` where one has passed already.

    A task that finds nobody to tell is tried each morning; that is nothing to stop the clock for.
    """
    with records.read() as tx:
        moments = (reminders.next_moment(tx, but_step=NOBODY), teams.next_digest_moment(tx))
    return min((max(moment, now) for moment in moments if moment is not None), default=None)
