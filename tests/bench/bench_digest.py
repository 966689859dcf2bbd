"""The Monday digest of a large site: made from what stands open there, and composed for one person, while others wait.

Nobody has answered anything for weeks, so that everything that began stands in it: no site is so far behind.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.composing import Send, outgoing
from office.study_files import study_from_text
from records import outbox, schema
from records.database import Records
from records.outbox import Claim, NoticeKind, NoticeState
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from tests.bench.conftest import Databases, without_what_stays
from tests.bench.filled import FIRST_MORNING, LargeSite, fill_large_site
from tests.bench.table import Table
from tests.bench.ticking import Ticking, milliseconds
from trial.moments import Instant, instant

MAX_MS = 50.0
PATIENTS = 100
MONDAYS = 10  # and one before that does not count: it meets statements that nobody has prepared
WEEKDAYS = 5


@dataclass(frozen=True, slots=True)
class Monday:
    """What one digest took: to make it, and to compose its message."""

    made_ms: float
    composed_ms: float
    tasks: int

    @property
    def ms(self) -> float:
        return self.made_ms + self.composed_ms


@dataclass
class Site:
    """The large site, week after week."""

    records: Records
    there: LargeSite

    def __post_init__(self) -> None:
        self._ticking = Ticking(self.records)
        self._studies = Definitions(study_from_text)

    def monday(self, week: int) -> Monday:
        """The digest of this week's Monday; before it the tick rings as ever, and the rest of the week goes by after it."""
        now = _morning(week, 0)
        self._ticking.ring(now)
        self._sent()
        made_ms = milliseconds(lambda: self._make(now))
        claim = self._claimed(now)
        composed_ms = milliseconds(lambda: self._compose(claim, now))
        self._sent()
        for weekday in range(1, WEEKDAYS):
            self._ticking.tick(_morning(week, weekday))
            self._sent()
        return Monday(made_ms, composed_ms, self._tasks_of(claim))

    def _make(self, now: Instant) -> None:
        assert digest_due(self.records, now=now, elapsed=now) == 1

    def _compose(self, claim: Claim, now: Instant) -> None:
        with self.records.begin() as tx:
            composed = outgoing(tx, self._studies, claim, now=now, elapsed=now)
        assert isinstance(composed, Send), composed

    def _claimed(self, now: Instant) -> Claim:
        with self.records.begin() as tx:
            (claim,) = outbox.claim(tx, elapsed=now, token=1, limit=10)
        assert (claim.kind, claim.person_id) == (NoticeKind.DIGEST, self.there.person_id)
        return claim

    def _tasks_of(self, claim: Claim) -> int:
        item = schema.digest_item
        with self.records.read() as tx:
            counted = sa.select(sa.func.count()).where(item.c.digest_id == claim.digest_id)
            return int(tx.connection.execute(counted).scalar_one())

    def _sent(self) -> None:
        """Telegram takes everything at once: what stands in the outbox is not what is measured."""
        notice = schema.notice
        with self.records.begin() as tx:
            open_states = (NoticeState.WAITING, NoticeState.CLAIMED)
            sent = notice.update().where(notice.c.state.in_(open_states)).values(state=NoticeState.SENT)
            tx.connection.execute(sent)


def _morning(week: int, weekday: int) -> Instant:
    day = FIRST_MORNING + timedelta(weeks=week, days=weekday)
    return instant(datetime.combine(day, time(8, 31), ZoneInfo("Europe/Brussels")))


def test_the_digest_of_a_large_site_is_made_and_composed_quickly(
    databases: Databases, engine: str, table: Table
) -> None:
    with databases.empty(engine, "large-site").opened() as records:
        site = Site(records, fill_large_site(records, patients=PATIENTS))
        with without_what_stays():
            _first, *mondays = [site.monday(week) for week in range(1 + MONDAYS)]
    typical_ms, slowest = median(one.ms for one in mondays), max(mondays, key=lambda one: one.ms)
    table.add(
        f"Monday digest of {PATIENTS} patients for one person, up to {max(one.tasks for one in mondays)} tasks in it",
        database=engine,
        result=f"{typical_ms:.1f} ms median ({slowest.ms:.1f} ms at most)",
        limit=f"median < {MAX_MS:.0f} ms",
        held=typical_ms < MAX_MS,
    )
    table.add(
        "of that, to compose its message",
        database=engine,
        result=f"{median(one.composed_ms for one in mondays):.1f} ms median",
    )

    assert typical_ms < MAX_MS
