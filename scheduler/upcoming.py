"""What comes next, for the demo's clock: it steps through each moment at which something is due."""

from records import held, reminders, teams
from records.database import Records
from scheduler.alarms import NOBODY
from scheduler.amending import next_activation
from scheduler.office_news import next_news
from trial.moments import Instant, instant


def next_due(records: Records, now: Instant, *, elapsed: Instant | None = None) -> Instant | None:
    """The next moment at which a task rings, a reminder may go out, a digest is due or an amendment begins: `now` where one has passed already.

    With `elapsed` also the one at which what is held for its reader's hours leaves, and at which the trial office may be
    told what came up. A task that finds nobody to tell is tried each morning; that is nothing to stop the clock for.
    """
    with records.read() as tx:
        moments = [reminders.next_moment(tx, but_step=NOBODY), teams.next_digest_moment(tx), next_activation(tx)]
        if elapsed is not None:
            moments.append(next_news(tx, now=now))
            leaves = held.first_held(tx, elapsed=elapsed)
            moments.append(None if leaves is None else instant(now + (leaves - elapsed)))
    return min((max(moment, now) for moment in moments if moment is not None), default=None)
