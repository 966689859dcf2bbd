"""A small script: two sites, seven people, seven patients, seventy days. What the demo's year is made of, in seconds."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from records import schema
from records.database import Records
from records.lived import LivedRecords, open_lived
from rehearsal.life import Lived, live
from rehearsal.script import LATE, PROMPT, Correction, Leave, Patient, Place, Player, Replies, Script, Telephone
from tests.databases import Place as Database
from tests.trials import DREAM
from trial.answers import LeavingKind
from trial.moments import instant, use_pinned_zones
from trial.people import Role
from trial.tasks import SiteFunction

BEGINS = -70
OFFICE, AMINA, BERTA, CARLA, HANA, NORI, DORA = 1_000, 302_001, 302_002, 302_003, 417_001, 417_002, 302_004
ENDS = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def small_script(*, lost: tuple[tuple[int, int], ...] = (), outages: tuple[tuple[int, int], ...] = ()) -> Script:
    brussels, tokyo = "Europe/Brussels", "Asia/Tokyo"
    coordinator, scans = Role.COORDINATOR, frozenset({SiteFunction.IMAGING})
    return Script(
        study=DREAM,
        places=(
            Place("302", "Leuven", "BE", None, brussels, BEGINS, stuck=0.0),
            Place("417", "Osaka", "JP", None, tokyo, BEGINS, stuck=0.0),
        ),
        players=(
            Player(OFFICE, "Trial manager", "en", brussels, None, Role.MANAGER, PROMPT, joins=BEGINS, country="BE"),
            Player(AMINA, "Amina", "en", brussels, "302", coordinator, PROMPT, joins=BEGINS),
            Player(
                BERTA, "Berta", "en", brussels, "302", coordinator, LATE, joins=BEGINS, leaves=(Leave(-30, 8, AMINA),)
            ),
            Player(CARLA, "Carla", "en", brussels, "302", Role.INVESTIGATOR, LATE, joins=BEGINS),
            Player(DORA, "Dora", "en", brussels, "302", coordinator, functions=scans, joins=None),
            Player(HANA, "Hana", "ja", tokyo, "417", coordinator, PROMPT, joins=BEGINS, silent_from=-40),
            Player(NORI, "Nori", "ja", tokyo, "417", coordinator, PROMPT, joins=BEGINS, blocks_on=-35),
        ),
        patients=(
            Patient("302", "302-001", -62, {"first_registration": -62}, {"baseline_imaging": -63}),
            Patient("302", "302-002", -20, {"first_registration": -20}),
            Patient("302", "302-003", -1, {"first_registration": -1}, assigned={SiteFunction.IMAGING: DORA}),
            Patient(
                "302",
                "302-004",
                BEGINS,
                {"first_registration": -190, "second_registration": -90},
                {"baseline_imaging": -192, "reevaluation_imaging": -100},
                departs=-56,
                leaving=LeavingKind.LOST,
                confirmed_as=LeavingKind.LOST,
            ),
            Patient("417", "417-001", -60, {"first_registration": -60}),
            Patient("417", "417-002", -44, {"first_registration": -44}, {"baseline_imaging": -44}),
            Patient("417", "417-003", -36, {"first_registration": -36}),
        ),
        begins=BEGINS,
        outages=outages,
        lost=lost,
        telephone=Telephone("Study coordinator", "The images were not kept."),
        corrections=(Correction(-40, "417-001", "first_registration", 1, "It was the day of the call."),),
        refused=((-25, AMINA),),
        queries=((-10, "302"),),
        replies={"en": Replies("done yesterday", "uploaded yesterday", "CT and MRI uploaded yesterday")},
    )


def short_script() -> Script:
    """Three weeks at two sites: enough to differ, if anything did."""
    small, begins = small_script(), -21
    return replace(
        small,
        begins=begins,
        places=tuple(replace(place, rings_from=begins) for place in small.places),
        players=tuple(
            replace(player, joins=begins, silent_from=None, blocks_on=None, leaves=())
            for player in small.players
            if player.chat in {OFFICE, AMINA, HANA}
        ),
        patients=(
            Patient("302", "302-001", -18, {"first_registration": -18}, {"baseline_imaging": -19}),
            Patient("417", "417-001", -15, {"first_registration": -15}),
        ),
        corrections=(),
        refused=(),
    )


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal has left."""

    records: LivedRecords
    past: Lived

    def rows(self, table: sa.Table) -> list[Any]:
        with self.records.read() as tx:
            return list(tx.connection.execute(sa.select(table)))

    def fingerprint(self) -> str:
        """Everything that stands in all chats, and when it came."""
        told = [
            (one.chat, one.message_id, one.at.isoformat(), one.text.text, repr(one.keyboard), one.edited_at)
            for one in self.past.chats.everything()
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def clear(self) -> dict[str, list[tuple[Any, ...]]]:
        """What everybody can read who has the database and no key, in the tables that the engine works on."""
        worked_on = (schema.task, schema.reminder, schema.notice, schema.answer, schema.office_item, schema.person)
        with self.records.read() as tx:
            return {
                table.name: [
                    tuple(row) for row in tx.connection.execute(sa.select(*_clear(table)).order_by(table.c.id))
                ]
                for table in worked_on
            }


def _clear(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if not isinstance(column.type, sa.LargeBinary)]


@contextmanager
def rehearsed(place: Database, script: Script, *, ends_at: datetime = ENDS, seed: int = 1) -> Iterator[Rehearsed]:
    """The script, lived in this database."""
    use_pinned_zones()
    records = open_lived(place.url, keys=place.keys, data_dir=place.data_dir, seed=seed)
    try:
        yield Rehearsed(records, live(records, script, ends_at=instant(ends_at), seed=seed))
    finally:
        records.close()


def delivered(records: Records) -> dict[int, str]:
    """What our deliveries say that stands in the chats: message id and text, as it was sent last."""
    wanted = sa.select(schema.delivery).where(schema.delivery.c.outcome == "accepted")
    found: dict[int, str] = {}
    with records.read() as tx:
        for row in tx.connection.execute(wanted.order_by(schema.delivery.c.started_at)):
            said = tx.unseal(schema.delivery, row.id, row.sealed)
            if said["text"]:
                found[int(str(said["message_id"]))] = str(said["text"])
    return found
