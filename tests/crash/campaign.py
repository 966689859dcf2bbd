"""A campaign: many lives of the service, each killed, while people press and notices go out; then one that finishes.

Everything that can be drawn is drawn from the seed. The kernel and the network of loopback are not: the same seed gives
the same trial, presses, faults and moments of death, not the same race.
"""

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from records import inbox, outbox, reminders, teams
from records.database import Records
from scheduler.clock import SystemClock
from tests.crash.invariants import Finding, LifeSpan, examine
from tests.crash.lives import DowntimeClock, Ended, Life, Nursery, lives
from tests.crash.people_at_work import BEGINS, PeopleAtWork, next_morning
from tests.crash.points import Point
from tests.databases import Place
from tests.simulators import RunningSimulator
from trial.moments import instant, use_pinned_zones

SHORTEST_S: Final = 0.02
LIKELIEST_S: Final = 0.15  # by then it has its lease; notices go out from a quarter of a second on
LONGEST_S: Final = 0.6
POINT_AT_LATEST_S: Final = 1.5
DOWN_BETWEEN_LIVES: Final = timedelta(seconds=3)
BACK_OFFS_END: Final = timedelta(minutes=2)
FINISHES_WITHIN_S: Final = 60.0
# Together about 15 of 100 calls.
FAULTS: Final = {"429": 0.03, "500": 0.03, "502": 0.03, "cut_before": 0.03, "cut_after": 0.03}
FAULTS_OF_UPDATES: Final = {"500": 0.05, "cut_before": 0.05, "cut_after": 0.05}


@dataclass(frozen=True, slots=True)
class Report:
    """What a campaign did, and everything that it found wrong."""

    seed: int
    kills: int
    at_points: int  # of the kills
    numbers: dict[str, int]
    findings: tuple[Finding, ...]
    seconds: float

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {number}" for name, number in self.numbers.items())
        head = f"seed {self.seed}: {self.kills} kills ({self.at_points} at points), {counted}, {self.seconds:.0f} s"
        return "\n".join([head, *(str(one) for one in self.findings)])


class Campaign:
    """One trial, its people, and the lives of its service."""

    def __init__(self, records: Records, simulator: RunningSimulator, *, seed: int) -> None:
        self._records = records
        self._simulator = simulator
        # Not for secrets: a failing campaign has to be repeated.
        self._chance = random.Random(seed)  # noqa: S311 - see the line above
        self._people = PeopleAtWork(records, simulator.phones, self._chance)
        self._trial_time = BEGINS
        self._offset = BEGINS - SystemClock().now()
        self._downtime = timedelta(0)
        self._spans: list[LifeSpan] = []
        self._ended: Counter[str] = Counter()
        self._early: list[str] = []

    # --- time ---------------------------------------------------------------------------------------------------------

    def _clock(self) -> DowntimeClock:
        return DowntimeClock(self._offset, self._downtime)

    def _born(self) -> Life:
        """Time has gone on since the last life, on both clocks."""
        self._trial_time = next_morning(self._trial_time)
        self._offset = self._trial_time - SystemClock().now()
        self._downtime += DOWN_BETWEEN_LIVES
        self._spans.append(LifeSpan(SystemClock().now(), self._offset, self._clock().elapsed()))
        return Life(clock_offset_s=self._offset.total_seconds(), downtime_s=self._downtime.total_seconds())

    # --- lives --------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self._people.found(self._clock())
        for kind, probability in FAULTS.items():
            self._order(kind, "*", probability)
        for kind, probability in FAULTS_OF_UPDATES.items():
            self._order(kind, "getUpdates", probability)

    def _order(self, kind: str, method: str, probability: float) -> None:
        seed = self._chance.randrange(2**32)
        self._simulator.phones.fault(kind, method, count=None, probability=probability, seed=seed)

    def kill_at_random(self, nursery: Nursery) -> None:
        self._live(nursery, kill_after_s=self._chance.triangular(SHORTEST_S, LONGEST_S, LIKELIEST_S))

    def kill_at(self, nursery: Nursery, point: Point, *, hasty: bool = False) -> None:
        self._live(nursery, kill_after_s=POINT_AT_LATEST_S, point=point, hasty=hasty)

    def _live(self, nursery: Nursery, *, kill_after_s: float, point: str = "", hasty: bool = False) -> None:
        life = self._born()
        clock, number = self._clock(), len(self._spans)
        if number % 5 == 0:
            self._people.patient(self._chance.choice(sorted(self._people.coordinators)), clock)
        self._people.press(clock, number, at_most=1)
        nursery.begin(replace(life, kill_after_s=kill_after_s, point=point, hasty=hasty))
        self._people.press(clock, number, at_most=self._chance.choice((0, 1, 1, 2)))
        self._count(nursery.end())

    def _count(self, ended: Ended, *, wanted: frozenset[str] = frozenset({"killed", "died"})) -> None:
        if ended.status == -signal.SIGKILL:
            self._ended[ended.how] += 1
        # Asked to end before it could listen, a process ends all the same.
        if ended.status > 0 or (ended.how not in wanted and ended.status != -signal.SIGTERM):
            self._early.append(f"life {len(self._spans)} {ended.how}, status {ended.status}")

    def finish(self, nursery: Nursery) -> None:
        """Telegram is well again and the service stays up until nothing is left to do."""
        self._simulator.phones.clear_faults()
        self._simulator.phones.limits(enabled=False)
        self._downtime += BACK_OFFS_END
        for _ in range(3):  # a morning at each of the sites
            nursery.begin(replace(self._born(), unlimited=True))
            try:
                self._wait_until_idle()
            finally:
                ended = nursery.stop()
            self._count(ended, wanted=frozenset({"exited"}))

    def _wait_until_idle(self) -> None:
        ends_at = time.monotonic() + FINISHES_WITHIN_S
        while time.monotonic() < ends_at:
            if self._is_idle():
                return
            self._simulator.phones.call(
                "GET", "/wait", params={"after": self._simulator.phones.truth(10**9)["n"], "timeout": 0.3}
            )

    def _is_idle(self) -> bool:
        clock = self._clock()
        # What is held back longer is not awaited: it brings a card up to date after ten minutes, and tells nothing.
        soon = instant(clock.elapsed() + timedelta(seconds=2))
        if any(one["state"] == "pending" for one in self._simulator.phones.truth(10**9)["updates"]):
            return False
        with self._records.read() as tx:
            sending = outbox.standing(tx, elapsed=soon)
            return (
                inbox.standing(tx).open == 0
                and sending.sending == 0
                and sending.oldest_due is None
                and not reminders.any_task_due(tx, now=clock.now())
                and not reminders.any_reminder_due(tx, now=clock.now())
                and not teams.any_digest_due(tx, now=clock.now())
            )

    # --- what came of it ----------------------------------------------------------------------------------------------

    def report(self, *, seed: int, log: Path, seconds: float) -> Report:
        truth = self._simulator.phones.truth()
        journal = truth["journal"]
        while journal and journal[-1]["n"] < truth["n"]:
            journal += self._simulator.phones.truth(journal[-1]["n"])["journal"]
        clock = self._clock()
        numbers, findings = examine(
            self._records,
            journal,
            truth["updates"],
            self._people,
            self._spans,
            now=clock.now(),
            elapsed=clock.elapsed(),
        )
        findings += [Finding("a life ended by itself", what) for what in self._early]
        errors = [line for line in log.read_text().splitlines() if '"level": "error"' in line or "critical" in line]
        findings += [Finding("the log says", line) for line in errors[:20]]
        numbers["repeated updates"] = self._people.repeated
        return Report(seed, self._ended.total(), self._ended["died"], numbers, tuple(findings), seconds)


def run(place: Place, simulator: RunningSimulator, log: Path, *, kills: int, seed: int, at_points: int) -> Report:
    """So many lives that are killed at random, and `at_points` at each labelled point, all mixed."""
    began = time.monotonic()
    use_pinned_zones()
    with place.opened() as records, lives(place, simulator, log) as nursery:
        campaign = Campaign(records, simulator, seed=seed)
        campaign.prepare()
        points: list[Point | None] = [*[None] * kills, *[point for point in Point for _ in range(at_points)]]
        random.Random(seed).shuffle(points)  # noqa: S311 - not for secrets
        for point in points:
            if point is None:
                campaign.kill_at_random(nursery)
            else:
                campaign.kill_at(nursery, point)
        campaign.finish(nursery)
        return campaign.report(seed=seed, log=log, seconds=time.monotonic() - began)
