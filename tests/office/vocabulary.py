"""The fixture vocabulary of the trial office: a trial with sites, people, patients and a clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from office import hours
from office import people as membership
from office.answers import Outcome, Undone, record_answer, undo_answer
from office.cards import CardView, card_view
from office.inviting import invite, token_hash
from office.judging import Refusal
from office.patients import add_patient, record_event, record_fact
from office.sites import add_site
from office.studies import import_study
from office.study_files import read_study, study_from_text
from records import answers, audit, cards, office_items, patients, people, plans, schema, studies
from records.database import Records
from records.office_items import ItemRow
from records.plans import TaskRow, VisitRow
from scheduler.amending import amend_due
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from scheduler.grouping import group_waiting
from scheduler.ringing import Rung, ring_due
from scheduler.upcoming import next_due
from tests.released import release_everywhere
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, Via
from trial.message_codec import message_from_data
from trial.messages import Message
from trial.moments import Instant
from trial.people import Role
from trial.study import Study
from trial.tasks import SiteFunction
from trial.timeline import Certainty

CHECKOUT = Path(__file__).resolve().parent.parent.parent
DREAM = CHECKOUT / "studies" / "dream.yaml"
BERLIN = ZoneInfo("Europe/Berlin")
Done = TypeVar("Done")
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


class Trial:
    """DREAM with site 417 in Berlin and site 501 in Tokyo. Wall times are Berlin's."""

    def __init__(self, records: Records, *, start: datetime = START, rings_from: str = "2026-01-01") -> None:
        self.records = records
        self.clock = FixedClock(start)
        self.studies = Definitions(study_from_text)
        self._chats = 7000
        import_study(records, DREAM, **self.stamp)
        self.site("417", "Berlin", "DE", "Europe/Berlin", rings_from=rings_from)
        self.site("501", "Tokyo", "JP", "Asia/Tokyo", rings_from=rings_from)

    @property
    def stamp(self):
        return {"by": None, **self.times}

    @property
    def times(self):
        return {"now": self.clock.now(), "elapsed": self.clock.elapsed()}

    @property
    def study(self) -> Study:
        return read_study(DREAM)

    # --- who and where ------------------------------------------------------------------------------------------------

    def site(self, number: str, name: str, country: str, zone: str, *, rings_from: str | None = None) -> UUID:
        site_id = add_site(
            self.records,
            study_code="DREAM",
            number=number,
            name=name,
            country=country,
            zone_name=zone,
            disclosure="code",
            rings_from=_day(rings_from),
            **self.stamp,
        )
        release_everywhere(self.records, now=self.clock.now())
        return site_id

    def invited(
        self,
        name: str,
        *,
        site: str | None = "417",
        role: Role = Role.COORDINATOR,
        functions: frozenset[SiteFunction] = frozenset(),
        language: str = "en",
    ):
        return invite(
            self.records,
            study_code="DREAM",
            site_number=site,
            role=role,
            name=name,
            language=language,
            functions=functions,
            **self.stamp,
        )

    def enrolled(self, name: str, *, digest_on: int | None = None, **place: object) -> UUID:
        """Invited, opened the link, said yes; each thing comes by itself, unless a weekday of the digest is given."""
        invitation = self.invited(name, **place)
        self._chats += 1
        self.joins(invitation.token, chat=self._chats)
        with self.records.begin() as tx:
            hours.set_digest_on(tx, invitation.person_id, digest_on, **self.stamp)
        return invitation.person_id

    def joins(self, token: str, *, chat: int) -> str | None:
        with self.records.begin() as tx:
            asked = membership.claim_invite(tx, token_hash=token_hash(token), chat_id=chat, **self.times)
            if asked is None:
                return None
            return membership.enrol(tx, asked.invite_id, chat_id=chat, **self.times)

    def manager(self, name: str = "Manager A") -> UUID:
        return self.enrolled(name, site=None, role=Role.MANAGER)

    def revoked(self, name: str, *, site: str | None = "417") -> UUID:
        return membership.revoke(self.records, study_code="DREAM", site_number=site, name=name, **self.stamp)

    def out_of_reach(self, person_id: UUID) -> None:
        with self.records.begin() as tx:
            membership.out_of_reach(tx, person_id, **self.times)

    def person(self, person_id: UUID) -> people.PersonRow:
        with self.records.read() as tx:
            found = people.person_by_id(tx, person_id)
        assert found is not None
        return found

    # --- patients -----------------------------------------------------------------------------------------------------

    def patient(
        self,
        code: str,
        *,
        site: str = "417",
        facts: dict[str, str] | None = None,
        held: dict[str, str] | None = None,
        **events: str,
    ) -> UUID:
        return add_patient(
            self.records,
            self.studies,
            study_code="DREAM",
            site_number=site,
            code=code,
            events={name: date.fromisoformat(day) for name, day in events.items()},
            facts=facts,
            held={occurrence: date.fromisoformat(day) for occurrence, day in (held or {}).items()},
            **self.stamp,
        )

    def event(self, code: str, event: str, day: str, *, planned: bool = False) -> None:
        record_event(
            self.records,
            self.studies,
            study_code="DREAM",
            patient_code=code,
            event=event,
            day=date.fromisoformat(day),
            certainty=Certainty.PLANNED if planned else Certainty.HAPPENED,
            **self.stamp,
        )

    def fact(self, code: str, fact: str, value: str) -> None:
        record_fact(
            self.records, self.studies, study_code="DREAM", patient_code=code, fact=fact, value=value, **self.stamp
        )

    def state(self, patient_id: UUID) -> str:
        with self.records.read() as tx:
            found = patients.standing_of(tx, patient_id)
        assert found is not None
        return found.state

    def tasks(self, patient_id: UUID) -> dict[str, TaskRow]:
        with self.records.read() as tx:
            return {"/".join(task.key): task for task in plans.tasks_of_patient(tx, patient_id)}

    def task(self, patient_id: UUID, occurrence: str, name: str = "hold") -> TaskRow:
        return self.tasks(patient_id)[f"{occurrence}/{name}"]

    def visits(self, patient_id: UUID) -> dict[str, VisitRow]:
        with self.records.read() as tx:
            return {visit.occurrence: visit for visit in plans.visits_of(tx, patient_id)}

    # --- time ---------------------------------------------------------------------------------------------------------

    def forward_to(self, wall: str) -> None:
        """Both clocks, to this wall time in Berlin."""
        moment = datetime.fromisoformat(wall).replace(tzinfo=BERLIN)
        self.clock.wait(moment - self.clock.now())

    def wait(self, **length: float) -> None:
        self.clock.wait(timedelta(**length))

    def tick(self) -> Rung:
        """Lets versions come into force, rings, groups and makes digests until nothing is due."""
        tasks = reminders = 0
        while amend_due(self.records, self.studies, **self.times, limit=100):
            continue
        while (rung := ring_due(self.records, self.studies, **self.times)).tasks:
            tasks += rung.tasks
            reminders += rung.reminders
        while group_waiting(self.records, **self.times):
            continue
        while digest_due(self.records, **self.times):
            continue
        return Rung(tasks, reminders)

    def next_due(self) -> Instant | None:
        return next_due(self.records, self.clock.now())

    def live_until(self, wall: str) -> None:
        """Stops at every moment at which something is due, as the demo's clock does."""
        end = datetime.fromisoformat(wall).replace(tzinfo=BERLIN)
        while (moment := self.next_due()) is not None and moment <= end:
            self.clock.wait(moment - self.clock.now())
            self.tick()
        self.clock.wait(end - self.clock.now())

    # --- saying -------------------------------------------------------------------------------------------------------

    def says(
        self,
        person_id: UUID,
        task: TaskRow,
        kind: AnswerKind,
        *,
        day: str | None = None,
        until: str | None = None,
        reason: str | None = None,
        text: str | None = None,
        value: str | None = None,
        leaving: LeavingKind | None = None,
        needs: HelpKind | None = None,
        again_at: Instant | None = None,
    ) -> Outcome:
        said = Said(
            day=_day(day), until=_day(until), reason=reason, text=text, value=value, leaving=leaving, help=needs
        )
        with self.records.begin() as tx:
            place, actor = plans.visit_place(tx, task.visit_id), people.actor(tx, person_id)
            assert place is not None
            assert actor is not None
            return record_answer(
                tx,
                self.studies,
                place,
                actor,
                task_id=task.id,
                kind=kind,
                said=said,
                via=Via.BUTTON,
                again_at=again_at,
                **self.times,
            )

    def does(self, act: Callable[..., Done], *words: object, **more: object) -> Done:
        """One use case in a transaction of its own, at this moment."""
        with self.records.begin() as tx:
            return act(tx, *words, **more, **self.times)

    def asks(self, act: Callable[..., Done], *words: object, **more: object) -> Done:
        """Something to read, at this moment."""
        with self.records.read() as tx:
            return act(tx, *words, **more, now=self.clock.now())

    def undoes(self, person_id: UUID, answer_id: UUID) -> Undone | Refusal:
        with self.records.begin() as tx:
            answer, actor = answers.answer_by_id(tx, answer_id), people.actor(tx, person_id)
            assert answer is not None
            assert actor is not None
            place = plans.visit_place(tx, answer.visit_id)
            assert place is not None
            return undo_answer(tx, self.studies, place, actor, answer_id=answer_id, via=Via.BUTTON, **self.times)

    def card(self, person_id: UUID, visit_id: UUID) -> CardView:
        with self.records.read() as tx:
            view = card_view(tx, self.studies, visit_id, person_id, **self.times)
        assert view is not None
        return view

    def shows_card(self, person_id: UUID, visit_id: UUID, *, message_id: int = 1) -> UUID:
        """The card stands in the person's chat, as after its first sending."""
        chat_id = self.person(person_id).chat_id
        assert chat_id is not None
        with self.records.begin() as tx:
            card = cards.ensure_card(tx, visit_id, person_id)
            cards.add_message(
                tx,
                card.id,
                chat_id=chat_id,
                message_id=message_id,
                standing=True,
                buttons=True,
                sent_at=self.clock.now(),
            )
        return card.id

    # --- what is recorded ---------------------------------------------------------------------------------------------

    def reminders(self, **where: object) -> list[sa.Row]:
        return self._rows(schema.reminder, where)

    def notices(self, **where: object) -> list[sa.Row]:
        return self._rows(schema.notice, where)

    def audited(self, action: str) -> list[sa.Row]:
        return self._rows(schema.audit, {"action": action})

    def audit_holds(self) -> bool:
        with self.records.read() as tx:
            assert [str(fault) for fault in audit.verify(tx).faults] == []
        return True

    def messages(self, person_id: UUID | None) -> list[str]:
        """Kinds of the messages that were put for a person, in order."""
        with self.records.read() as tx:
            rows = tx.connection.execute(
                sa.select(schema.notice)
                .where(
                    schema.notice.c.kind == "message",
                    schema.notice.c.person_id.is_not_distinct_from(person_id),
                )
                .order_by(schema.notice.c.created_at, schema.notice.c.place)
            )
            return [str(tx.unseal(schema.notice, row.id, row.sealed)["message"]["kind"]) for row in rows]

    def said_to(self, person_id: UUID) -> list[Message]:
        """The messages that were put for a person, in order."""
        with self.records.read() as tx:
            rows = tx.connection.execute(
                sa.select(schema.notice)
                .where(schema.notice.c.kind == "message", schema.notice.c.person_id == person_id)
                .order_by(schema.notice.c.created_at, schema.notice.c.place)
            )
            return [message_from_data(tx.unseal(schema.notice, row.id, row.sealed)["message"]) for row in rows]

    def items(self) -> dict[str, ItemRow]:
        """What the trial office has to look at, by kind."""
        with self.records.read() as tx:
            study = studies.study_by_code(tx, "DREAM")
            assert study is not None
            return {item.kind.value: item for item in office_items.open_items(tx, study.id)}

    def _rows(self, table: sa.Table, where: dict[str, object]) -> list[sa.Row]:
        statement = sa.select(table)
        for column, value in where.items():
            statement = statement.where(table.c[column] == value)
        with self.records.read() as tx:
            return list(tx.connection.execute(statement))
