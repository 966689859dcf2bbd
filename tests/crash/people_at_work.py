"""A trial of some size for crash tests: three sites, nine coordinators, patients who keep coming, people who press."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from bot.buttons import LIMIT_BYTES, ChooseDay, Say, UnknownPress, decode, encode
from office import inviting, patients, people, sites, studies
from office.inviting import token_hash
from office.study_files import study_from_text
from records.database import Records
from records.schema import site, task, visit
from scheduler.definitions import Definitions, zone_of
from tests.crash.lives import DowntimeClock
from tests.phones import Phone, Phones
from tests.released import release_everywhere
from tests.trials import DREAM, SITES
from trial.answers import AnswerKind
from trial.moments import local_day
from trial.people import Role
from trial.tasks import TaskKind, TaskState

BEGINS: Final = datetime(2027, 4, 12, 0, 30, tzinfo=UTC)
# Ten in the morning in Osaka, Leuven and Houston: at each of them the working hours of one site.
MORNINGS: Final = (time(1, 0), time(8, 0), time(15, 0))
COORDINATORS: Final = ("Amina", "Berta", "Carla")
OLD_PATIENTS: Final = 6  # at each site, registered in the three months before
ANSWERS: Final = {TaskKind.HOLD: AnswerKind.DONE, TaskKind.UPLOAD: AnswerKind.UPLOADED}
# Visits whose answers move no other open task away: each press then has its answer.
ANSWERED_VISITS: Final = ("baseline_imaging", "reevaluation_imaging")


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press as the person made it."""

    callback_id: str
    update_id: int
    task_id: UUID
    person_id: UUID
    kind: AnswerKind
    day: date
    life: int


@dataclass(frozen=True, slots=True)
class Coordinator:
    person_id: UUID
    phone: Phone


@dataclass(frozen=True, slots=True)
class _Task:
    id: UUID
    site: str
    kind: TaskKind
    opens: date
    zone: str


def next_morning(after: datetime) -> datetime:
    """The next working morning of one of the sites."""
    day = after.date()
    while True:
        for wall in MORNINGS:
            moment = datetime.combine(day, wall, tzinfo=UTC)
            if moment > after and moment.isoweekday() <= 5:
                return moment
        day += timedelta(days=1)


@dataclass
class PeopleAtWork:
    """The trial office and the coordinators, driven by one seeded generator."""

    records: Records
    phones: Phones
    chance: random.Random
    coordinators: dict[str, list[Coordinator]] = field(default_factory=dict)
    pressed: list[Pressed] = field(default_factory=list)
    repeated: int = 0
    _definitions: Definitions = field(default_factory=lambda: Definitions(study_from_text))
    _answered: set[UUID] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)
    _cards: dict[tuple[int, UUID], int] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)

    # --- the trial office ---------------------------------------------------------------------------------------------

    def found(self, clock: DowntimeClock) -> None:
        """The study, its sites, everybody enrolled, and the patients of the three months before."""
        now, elapsed = clock.now(), clock.elapsed()
        studies.import_study(self.records, DREAM, by=None, now=now, elapsed=elapsed)
        for number, (name, country, region, zone) in SITES.items():
            sites.add_site(
                self.records,
                study_code=None,
                number=number,
                name=name,
                country=country,
                region=region,
                zone_name=zone,
                disclosure="code",
                by=None,
                now=now,
                elapsed=elapsed,
            )
            release_everywhere(self.records, now=now)
            self.coordinators[number] = [self._enrol(name, number, clock) for name in COORDINATORS]
            for _ in range(OLD_PATIENTS):
                self.patient(number, clock, registered_days_ago=self.chance.randint(1, 95))

    def _enrol(self, name: str, site_number: str, clock: DowntimeClock) -> Coordinator:
        now, elapsed = clock.now(), clock.elapsed()
        phone = self.phones.person(name, time_zone=SITES[site_number][3])
        phone.start()
        invitation = inviting.invite(
            self.records,
            study_code=None,
            site_number=site_number,
            role=Role.COORDINATOR,
            name=name,
            language=self.chance.choice(("en", "ja")),
            by=None,
            now=now,
            elapsed=elapsed,
        )
        with self.records.begin() as tx:
            asked = people.claim_invite(
                tx, token_hash=token_hash(invitation.token), chat_id=phone.person_id, now=now, elapsed=elapsed
            )
            assert asked is not None
            assert people.enrol(tx, asked.invite_id, chat_id=phone.person_id, now=now, elapsed=elapsed)
        return Coordinator(invitation.person_id, phone)

    def patient(self, site_number: str, clock: DowntimeClock, *, registered_days_ago: int = 0) -> None:
        """A patient whose baseline imaging was held on the day of registration, or not yet."""
        registered = local_day(clock.now(), zone_of(SITES[site_number][3])) - timedelta(days=registered_days_ago)
        number = self._numbers[site_number] = self._numbers.get(site_number, 0) + 1
        patients.add_patient(
            self.records,
            self._definitions,
            study_code=None,
            site_number=site_number,
            code=f"{site_number}-{number:03}",
            events={"first_registration": registered},
            held={"baseline_imaging": registered} if self.chance.random() < 0.7 else {},
            by=None,
            now=clock.now(),
            elapsed=clock.elapsed(),
        )

    # --- the sites ----------------------------------------------------------------------------------------------------

    def press(self, clock: DowntimeClock, life: int, *, at_most: int) -> None:
        """Some tasks are answered, each once: sometimes by two people at once, sometimes delivered twice."""
        for found in self._answerable(clock, at_most=at_most):
            self._answered.add(found.id)
            there = self.chance.sample(self.coordinators[found.site], k=2)
            say = Say(found.id, ANSWERS[found.kind], local_day(clock.now(), zone_of(found.zone)))
            for coordinator in there if self.chance.random() < 0.2 else there[:1]:
                self._press(coordinator, say, life)

    def _answerable(self, clock: DowntimeClock, *, at_most: int) -> list[_Task]:
        wanted = (
            sa.select(task.c.id, site.c.number, task.c.kind, task.c.opens, site.c.zone)
            .join(visit, visit.c.id == task.c.visit_id)
            .join(site, site.c.id == task.c.site_id)
            .where(
                task.c.state == TaskState.OPEN,
                task.c.kind.in_(list(ANSWERS)),
                task.c.firm,
                task.c.opens.is_not(None),
                visit.c.definition.in_(ANSWERED_VISITS),
            )
            .order_by(task.c.id)
        )
        with self.records.read() as tx:
            rows = tx.connection.execute(wanted).all()
        tasks = [_Task(row.id, row.number, TaskKind(row.kind), row.opens, row.zone) for row in rows]
        today = {zone: local_day(clock.now(), zone_of(zone)) for zone in {one.zone for one in tasks}}
        ready = [one for one in tasks if one.id not in self._answered and one.opens < today[one.zone]]
        return self.chance.sample(ready, k=min(at_most, len(ready)))

    def _press(self, coordinator: Coordinator, say: Say, life: int) -> None:
        phone = coordinator.phone
        pressed: Mapping[str, object] = self.phones.call(
            "POST",
            f"/people/{phone.person_id}/press",
            json={"message_id": self._message_for(phone, say.task), "data": encode(say)},
        )
        update_id = int(str(pressed["update_id"]))
        self.pressed.append(
            Pressed(
                callback_id=str(pressed["callback_query_id"]),
                update_id=update_id,
                task_id=say.task,
                person_id=coordinator.person_id,
                kind=say.kind,
                day=say.day,
                life=life,
            )
        )
        if self.chance.random() < 0.15:
            self.phones.repeat(update_id, under_new_id=self.chance.random() < 0.5)
            self.repeated += 1

    def _message_for(self, phone: Phone, task_id: UUID) -> int:
        """The newest message with a button of this task; a press on any other message counts as well."""
        shown = self.phones.call(
            "GET", f"/people/{phone.person_id}/messages", params={"after": self._seen.get(phone.person_id, 0)}
        )
        for message in shown:
            if message["from_bot"]:
                self._seen[phone.person_id] = message["message_id"]
            for row in message["keyboard"]:
                for button in row:
                    about = _task_of(button.get("callback_data", ""))
                    if about is not None:
                        self._cards[phone.person_id, about] = message["message_id"]
        return self._cards.get((phone.person_id, task_id), self._seen.get(phone.person_id, 1))


def _task_of(data: str) -> UUID | None:
    if not data or len(data) > LIMIT_BYTES:
        return None
    try:
        press = decode(data)
    except UnknownPress:
        return None
    return press.task if isinstance(press, ChooseDay | Say) else None
