"""The trial of `tests/office`, with everything that time starts: digests, absences, the watch."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from records import absences, closings, office_items, people, plans, schema, sites, studies, teams
from records.office_items import ItemRow, NewItem
from records.outbox import NoticeState
from records.plans import TaskRow
from scheduler.absences import hand_over_absent
from scheduler.digesting import choose_digest, digest_due, set_digest_alarm
from scheduler.planning import go_on_after_help, read_chart, wait_for_help
from scheduler.ringing import Rung
from scheduler.watching import watch
from tests.office.vocabulary import BERLIN, Trial
from trial.messages import ItemKind


class RingingTrial(Trial):
    """A tick is the whole of it: what is due rings, what waited is grouped, and the digests that have come are made."""

    sends = False
    """Whether Telegram takes everything at once. Else the outbox keeps it, and cards of one visit join each other."""

    def tick(self) -> Rung:
        rung = super().tick()
        while digest_due(self.records, **self.times):
            continue
        if self.sends:
            self.sent()
        return rung

    def sent(self) -> None:
        with self.records.begin() as tx:
            tx.connection.execute(
                schema.notice.update().where(schema.notice.c.state == "waiting").values(state=NoticeState.SENT)
            )

    def watched(self) -> int:
        return watch(self.records, self.studies, **self.times)

    # --- people's time ------------------------------------------------------------------------------------------------

    def on_mondays(self, *person_ids: UUID) -> None:
        with self.records.begin() as tx:
            for person_id in person_ids:
                choose_digest(tx, person_id, 0, now=self.clock.now())

    def away(self, person_id: UUID, first: str, last: str, cover: UUID | None = None) -> UUID:
        with self.records.begin() as tx:
            absence = absences.add_absence(
                tx,
                person_id,
                first=date.fromisoformat(first),
                last=date.fromisoformat(last),
                cover_id=cover,
                recorded_at=self.clock.now(),
            )
            hand_over_absent(tx, person_id, now=self.clock.now())
        return absence

    def capped(self, person_id: UUID, cap: int) -> None:
        with self.records.begin() as tx:
            teams.set_daily_cap(tx, person_id, cap)

    def hours(self, person_id: UUID, first: str, last: str) -> None:
        span = (datetime.strptime(first, "%H:%M").time(), datetime.strptime(last, "%H:%M").time())  # noqa: DTZ007 - walls
        with self.records.begin() as tx:
            teams.set_hours(tx, person_id, hours=span, quiet=None)
            set_digest_alarm(tx, person_id, now=self.clock.now())

    def closed(self, number: str, first: str, last: str) -> None:
        with self.records.begin() as tx:
            site = next(one for one in sites.sites(tx) if one.number == number)
            closings.add_closing(
                tx,
                site.id,
                first=date.fromisoformat(first),
                last=date.fromisoformat(last),
                recorded_at=self.clock.now(),
            )

    def alarm_of(self, person_id: UUID) -> str | None:
        """When this person's next digest is due, by Berlin's clocks."""
        with self.records.read() as tx:
            at = teams.times_of(tx, [person_id])[person_id].next_digest_at
        return None if at is None else f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}"

    # --- the office ---------------------------------------------------------------------------------------------------

    @property
    def study_id(self) -> UUID:
        with self.records.read() as tx:
            return studies.studies(tx)[0].id

    def items(self, kind: ItemKind, task: TaskRow | None = None) -> list[ItemRow]:
        """What is open for the office, of this kind, and about this task where one is given."""
        with self.records.read() as tx:
            found = [one for one in office_items.open_items(tx, self.study_id) if one.kind is kind]
        return found if task is None else [one for one in found if one.task_id == task.id]

    def asks_for_help(self, task: TaskRow) -> UUID:
        with self.records.begin() as tx:
            new = NewItem(self.study_id, ItemKind.HELP, f"help:{task.id}", visit_id=task.visit_id, task_id=task.id)
            item = office_items.open_item(tx, new, opened_at=self.clock.now())
            wait_for_help(tx, read_chart(tx, self.studies, task.patient_id), task)
        assert item is not None
        return item

    def gets_help(self, item: UUID, task: TaskRow, *, goes_on: bool = True) -> None:
        with self.records.begin() as tx:
            office_items.close_item(tx, item, by=None, at=self.clock.now(), outcome="looked_at")
            chart = read_chart(tx, self.studies, task.patient_id)
            assert go_on_after_help(tx, chart, task.visit_id, asked=task.id, now=self.clock.now()) == goes_on

    # --- what is recorded ---------------------------------------------------------------------------------------------

    def digests(self, **where: object) -> list[sa.Row]:
        return sorted(self._rows(schema.digest, where), key=lambda row: row.made_at)

    def digest_items(self, digest: sa.Row) -> set[UUID]:
        return {row.task_id for row in self._rows(schema.digest_item, {"digest_id": digest.id})}

    def steps(self, task: TaskRow) -> list[tuple[str, str]]:
        """Step and name of whoever was or will be told about a task, in order."""
        rows = sorted(self.reminders(task_id=task.id), key=lambda row: row.created_at)
        with self.records.read() as tx:
            return [(row.step, people.person_by_id(tx, row.person_id).name) for row in rows if row.state != "void"]

    def alarm(self, task: TaskRow) -> tuple[str | None, str | None]:
        """The step and the moment, by Berlin's clocks, of a task's alarm."""
        with self.records.read() as tx:
            now = plans.task_by_id(tx, task.id)
        at = now.next_attention_at
        return now.next_step, None if at is None else f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}"
