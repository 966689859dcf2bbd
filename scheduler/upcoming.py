"""What comes next, for the demo's clock: it steps through each moment at which something is due."""

from records import reminders
from records.database import Records
from scheduler.alarms import NOBODY
from trial.moments import Instant


def next_due(records: Records, now: Instant) -> Instant | None:
    """The next moment at which a task rings or a reminder may go out: `now` where one has passed already.

    A task that finds nobody to tell is tried each morning; that is nothing to stop the clock for.
    """
    with records.read() as tx:
        moment = reminders.next_moment(tx, but_step=NOBODY)
    return None if moment is None else max(moment, now)
