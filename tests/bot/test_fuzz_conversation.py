"""Random presses by people who have no right to them, through the whole conversation: nothing is taken, nothing is written."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date, time
from itertools import count
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bot import presses
from bot.buttons import encode
from bot.conversation import Conversation
from bot.presses import Press
from records import digests, inbox, schema
from records.database import Records
from records.inbox import Incoming
from tests.databases import Place, key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.messages import DigestKind, Toast
from trial.moments import use_pinned_zones
from trial.people import Role

PRESSES = 500
SEED = 20_260_302
STRANGER = 99_999

_REFUSED: Final = frozenset({Toast.NOT_YOURS, Toast.UNKNOWN, Toast.CLOSED})
_CONFIRMING: Final = get_args(presses.LeavingPress)
_OFFICE: Final = (presses.LookedAt, presses.Revoke, presses.Keep)
_OF_ONE: Final = (
    presses.GoTo,
    presses.GotIt,
    presses.ImBack,
    presses.Join,
    presses.Decline,
    presses.Languages,
    presses.Speak,
)
# The others name nothing: they are about whoever presses them.
_JUDGED: Final = (*get_args(presses.CardPress), *_CONFIRMING, *_OFFICE, *_OF_ONE)


@dataclass
class World:
    """Two sites that have a patient each, with an answer, a report of leaving, a cry for help and a digest."""

    trial: Trial
    conversation: Conversation
    people: dict[str, UUID]
    chats: dict[str, int]
    things: dict[str, list[UUID]]  # of site 417, by the field that names them
    numbers: "count[int]"

    def press(self, chat: int, press: Press) -> Toast:
        number = next(self.numbers)
        with self.trial.records.begin() as tx:
            arrived = Incoming(
                identity=f"callback:{number}", update_id=number, kind="press", payload={}, tombstone=False
            )
            inbox.store(tx, [arrived], elapsed=self.trial.clock.elapsed())
            entry = inbox.open_entries(tx, elapsed=self.trial.clock.elapsed(), limit=1)[0]
        return self.conversation.press(entry, chat, 77, encode(press)).toast

    def written(self) -> dict[str, int]:
        """A fingerprint of every table but the inbox, where what was not taken is noted."""
        tables = [table for table in schema.metadata.sorted_tables if table is not schema.inbox]
        with self.trial.records.read() as tx:
            return {table.name: hash(tuple(tx.connection.execute(sa.select(table)).all())) for table in tables}


@pytest.fixture
def records(sqlcipher_place: Place) -> Iterator[Records]:  # noqa: F811 - the fixture
    use_pinned_zones()
    with sqlcipher_place.opened() as opened:
        yield opened


@pytest.fixture
def world(records: Records) -> World:
    trial = Trial(records)
    people = {
        "coordinator": trial.enrolled("Amina"),
        "investigator": trial.enrolled("Dora", role=Role.INVESTIGATOR),
        "manager": trial.manager(),
        "coordinator elsewhere": trial.enrolled("Berta", site="501"),
        "investigator elsewhere": trial.enrolled("Clara", site="501", role=Role.INVESTIGATOR),
        "gone": trial.enrolled("Ella"),
        "ended": trial.enrolled("Frida"),
    }
    chats = {name: trial.person(person).chat_id or 0 for name, person in people.items()}
    patient = trial.patient("417-003", first_registration="2026-03-02")
    leaver = trial.patient("417-004", first_registration="2026-03-02")
    amina = people["coordinator"]
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging", "upload_ct"), AnswerKind.NEED_HELP, needs=HelpKind.QUERY)
    trial.says(
        amina, trial.task(leaver, "baseline_imaging"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN
    )
    tasks = [*trial.tasks(patient).values(), *trial.tasks(leaver).values()]
    trial.invited("Gerda")
    with records.begin() as tx:
        made = digests.make_digest(
            tx,
            person_id=amina,
            kind=DigestKind.WEEKLY,
            items=[(one.visit_id, one.id) for one in tasks[:2]],
            made_at=trial.clock.now(),
        )
        tx.connection.execute(
            sa.update(schema.membership)
            .where(schema.membership.c.person_id == people["ended"])
            .values(since=date(2026, 1, 1), until=date(2026, 3, 1))
        )
        answers = tx.connection.scalars(sa.select(schema.answer.c.id)).all()
        # The cry for help comes first: the leaving is not closed by looking at it.
        items = tx.connection.scalars(sa.select(schema.office_item.c.id).order_by(schema.office_item.c.kind)).all()
        invites = tx.connection.scalars(sa.select(schema.invite.c.id)).all()
    trial.revoked("Ella")
    things = {
        "visit": [one.visit_id for one in tasks],
        "task": [one.id for one in tasks],
        "other": [one.id for one in tasks],
        "answer": list(answers),
        "patient": [patient, leaver],
        "item": list(items),
        "digest": [made],
        "invite": list(invites),
        "person": list(people.values()),
    }
    return World(trial, Conversation(records, trial.clock, trial.studies), people, chats, things, count(1))


def may(who: str, press: Press, world: World) -> bool:
    """By hand: who of these may press what at site 417."""
    match press:
        case presses.GoTo():
            return who == "coordinator"
        case presses.GotIt(person) | presses.ImBack(person):
            return person == world.people.get(who)
        case presses.Join() | presses.Decline() | presses.Languages() | presses.Speak():
            return False  # nobody has opened the link
        case _ if isinstance(press, _OFFICE):
            return who == "manager"
        case _ if isinstance(press, _CONFIRMING):
            return who in {"investigator", "manager"}
        case _:
            return who in {"coordinator", "investigator", "manager"}


def any_press(drawn: random.Random, world: World) -> Press:
    kind = drawn.choice(_JUDGED)
    hints = get_type_hints(kind)

    def value(name: str) -> Any:
        if hints[name] is UUID:
            return drawn.choice([*world.things[name], uuid4()])
        return drawn.choice(_VALUES[hints[name]])

    made: Press = kind(**{one.name: value(one.name) for one in fields(kind)})
    return made


def test_nothing_that_somebody_may_not_press_is_taken(world: World) -> None:
    drawn = random.Random(SEED)  # noqa: S311 - to be repeated, not to be secret
    people = [*world.chats, "stranger"]
    before = world.written()
    tried = 0
    while tried < PRESSES:
        who, press = drawn.choice(people), any_press(drawn, world)
        if may(who, press, world):
            continue
        toast = world.press(world.chats.get(who, STRANGER), press)
        tried += 1

        assert toast in _REFUSED, (who, press)
        if tried % 25 == 0:
            assert world.written() == before, "one of the last 25 presses was written down"


@pytest.mark.parametrize(
    ("who", "press"),
    [
        ("coordinator", lambda things: presses.Others(things["task"][0])),
        ("investigator", lambda things: presses.LeavingAs(things["patient"][1], LeavingKind.WITHDRAWN_FROM_VISITS)),
        ("manager", lambda things: presses.LookedAt(things["item"][0])),
        ("coordinator", lambda things: presses.GoTo(things["digest"][0], 1)),
    ],
    ids=["a card", "a leaving", "an item", "a digest"],
)
def test_whoever_may_press_it_is_heard_and_it_is_written(
    world: World, who: str, press: Callable[[dict[str, list[UUID]]], Press]
) -> None:
    """What was refused above was there to be taken."""
    before = world.written()

    assert world.press(world.chats[who], press(world.things)) not in {Toast.NOT_YOURS, Toast.UNKNOWN}
    assert world.written() != before


_VALUES: Final[dict[type, tuple[Any, ...]]] = {
    date: (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)),
    time: (time(8, 30), time(17)),
    AnswerKind: tuple(AnswerKind),
    LeavingKind: tuple(LeavingKind),
    HelpKind: tuple(HelpKind),
    int: (0, 1, 2),
    bool: (False, True),
    str: ("en", "ja", "yes", "mri_not_possible"),
}
