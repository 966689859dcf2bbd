"""How much of what was due came back, month by month: whether a site gets better or worse."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

from office.board.standing import is_earlier, is_overdue
from records.board import trend
from records.board.figures import LateCount
from records.board.trend import EndedTask
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.moments import Instant, local_day
from trial.returns import Returns
from trial.tasks import TaskState

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class MonthReturns:
    """What had its last day in the month that begins on `month`, as it stands today.

    `in_time`: of the received, what was said to have come on its last day or before. What the trial office entered
    itself, without an answer, is received and not among them.
    """

    month: date
    returns: Returns
    in_time: int


def trend_of(tx: Tx, studies: Definitions, site: SiteRow, *, now: Instant) -> tuple[MonthReturns, ...]:
    """The last twelve months up to this one, the earliest first; each is there, also where nothing was due."""
    today = local_day(now, zone_of(site.zone))
    months = last_months(today)
    returns, in_time = defaultdict[date, Returns](Returns), defaultdict[date, int](int)
    for task in trend.ended_at(tx, site.id, first=months[0], last=today):
        month = task.closes.replace(day=1)
        returns[month] += _counted(tx, studies, site, task, today)
        in_time[month] += _in_time(site, task)
    return tuple(MonthReturns(month, returns[month], in_time[month]) for month in months)


def last_months(today: date) -> tuple[date, ...]:
    """The first days of this month and of those before it, twelve in all, the earliest first."""
    count = today.year * 12 + today.month - 1
    return tuple(date(one // 12, one % 12 + 1, 1) for one in range(count - MONTHS + 1, count + 1))


def _counted(tx: Tx, studies: Definitions, site: SiteRow, task: EndedTask, today: date) -> Returns:
    """As the return rate counts it: what is late and still tolerated, or from before Sitebell, is not in it."""
    match task.state:
        case TaskState.DONE:
            return Returns(received=1)
        case TaskState.NOT_DONE:
            return Returns(unobtainable=1)
        case _:
            late = LateCount(
                site_id=site.id,
                study_version_id=task.study_version_id,
                kind=task.kind,
                definition=task.definition,
                name=task.name,
                due=task.due,
                closes=task.closes,
                silent=task.silent,
                count=1,
            )
            counts = (
                task.firm
                and task.patient_state == "followed"
                and not is_earlier(site, due=task.due, silent=task.silent)
            )
            return Returns(overdue=int(counts and is_overdue(tx, studies, site, late, today)))


def _in_time(site: SiteRow, task: EndedTask) -> int:
    return int(task.said_at is not None and local_day(task.said_at, zone_of(site.zone)) <= task.closes)
