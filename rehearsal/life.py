"""A script is lived: its study is founded, its people join, its patients are entered, and time runs to the last day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from bot.composing import Send
from office import assigning, away, inviting, patients, releases, sites, studies
from office.hours import set_digest_on
from office.named import site_named, study_named
from office.study_files import study_from_text
from records.database import Records
from records.outbox import Claim
from records.teams import WorksIn
from rehearsal.cast import Cast
from rehearsal.chats import Chats
from rehearsal.desk import EVERY, Desk
from rehearsal.earlier import take_down
from rehearsal.engine import Engine, Times
from rehearsal.hands import Hands
from rehearsal.script import MONDAY, Correction, Happening, Leave, Patient, Place, Player, Script
from rehearsal.stage import Stage
from rehearsal.truths import Truths
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.moments import Instant, at_local, local_day
from trial.people import Role
from trial.study import Study

OPENS: Final = time(9, 0)
BUILDER: Final = "Study builder"
ENTERS: Final = time(11, 0)
FOUNDED: Final = time(12, 0)
WATCHES_EVERY: Final = timedelta(days=3)
"""A service looks every hour. What it finds is counted in working days, so that a year looks the same this way."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What a rehearsal leaves beside its records. `read_up_to`: by chat, the newest message that its owner has seen."""

    chats: Chats
    read_up_to: Mapping[int, int]
    cast: tuple[Cast, ...]


def _truths(_records: Records, _studies: Definitions, script: Script, seed: int) -> Truths:
    return Truths(seed, script.reasons)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a script is lived: what reads a study, what sends, whose hands answer, and what is true at the sites."""

    read: Callable[[str, str], Study] = study_from_text
    engine: type[Engine] = Engine
    hands: type[Hands] = Hands
    truths: Callable[[Records, Definitions, Script, int], Truths] = _truths


IN_THE_CHATS: Final = Ways()
"""Everything as it stands in a chat, word for word."""


def live(
    records: Records,
    script: Script,
    *,
    ends_at: Instant,
    seed: int,
    lived: Callable[[date], None] = lambda _day: None,
    ways: Ways = IN_THE_CHATS,
) -> Lived:
    """Lives the script from its first day to `ends_at`, in an empty deployment. `lived` is told of each new day."""
    return _Life(records, script, ends_at=ends_at, seed=seed, lived=lived, ways=ways).live()


class _Life:
    def __init__(
        self,
        records: Records,
        script: Script,
        *,
        ends_at: Instant,
        seed: int,
        lived: Callable[[date], None],
        ways: Ways,
    ) -> None:
        self._records = records
        self._script = script
        self._ends_at = ends_at
        # The office prepares everything on the day before, when it is that day everywhere.
        day_before = ends_at.date() + timedelta(days=script.begins - 1)
        self._clock = FixedClock(at_local(day_before, FOUNDED, zone_of("UTC")))
        self._chats = Chats()
        self._studies = Definitions(ways.read)
        self._engine = ways.engine(records, self._clock, self._chats, self._studies, arrived=self._arrived)
        self._stage = Stage(self._engine, seed=seed, last=ends_at.date(), lived=lived)
        self._cast = {player.chat: self._cast_of(player) for player in script.players}
        truths = ways.truths(records, self._studies, script, seed)
        self._desk = Desk(self._stage, script, self._cast, truths)
        self._hands = ways.hands(self._stage, script, self._cast, truths, claimed=self._desk.claimed)
        self._desk.hands = self._hands
        self._entered: dict[str, UUID] = {}
        self._builder: UUID | None = None
        self._homes = {patient.code: patient.place for patient in script.patients}

    def _arrived(self, claim: Claim, said: Send, message_id: int) -> None:
        self._hands.arrived(claim, said, message_id)

    def _cast_of(self, player: Player) -> Cast:
        if player.place is None:
            return Cast(player, zone_of(player.zone), calendar_of(player.country or "BE", None), None)
        place = self._script.place(player.place)
        return Cast(player, zone_of(place.zone), calendar_of(place.country, place.region), place)

    @property
    def _times(self) -> Times:
        return self._engine.times

    # --- from the first day to the last -------------------------------------------------------------------------------

    def live(self) -> Lived:
        self._found()
        for player in self._script.players:
            self._put(player)
        for patient in self._script.patients:
            self._expect(patient)
        self._put_mishaps()
        self._put_corrections()
        for happening in self._script.happenings:
            self._stage.at(self._midday(happening.day, happening.code), partial(self._happens, happening))
        self._stage.later(EVERY, self._desk.work)
        self._stage.later(WATCHES_EVERY, self._live_on)
        self._stage.play(self._ends_at)
        self._engine.beat()
        self._engine.watch()
        self._engine.catch_up()
        self._engine.stop()
        read_up_to = {chat: who.read_up_to for chat, who in self._cast.items()}
        return Lived(self._chats, read_up_to, tuple(self._cast.values()))

    def _found(self) -> None:
        """The office is there, its study in the records, and its sites may ring: all that comes before a first patient."""
        studies.import_study(self._records, self._script.study, by=None, **self._times)
        self._engine.start()
        self._invite_office()
        for place in self._script.places:
            self._open(place)

    def _live_on(self) -> None:
        """What a service does now and then, whatever happens: a sign of life, and a look at what is silent."""
        self._engine.beat()
        self._engine.watch()
        self._stage.later(WATCHES_EVERY, self._live_on)

    # --- sites and people ---------------------------------------------------------------------------------------------

    def _invite_office(self) -> None:
        """Somebody answers for what may stand in a site's chats before there is a site."""
        for player in self._script.players:
            if player.place is None:
                self._join(self._cast[player.chat])
        # Who stands for the study file: the office releases it for each site. They have no phone on the table.
        self._builder = inviting.invite(
            self._records,
            study_code=None,
            site_number=None,
            role=Role.ADMINISTRATOR,
            name=BUILDER,
            language="en",
            by=self._office,
            **self._times,
        ).person_id

    def _open(self, place: Place) -> None:
        office = next(player for player in self._script.players if player.place is None)
        sites.add_site(
            self._records,
            study_code=None,
            number=place.number,
            name=place.name,
            country=place.country,
            region=place.region,
            zone_name=place.zone,
            disclosure="code",
            chosen_by=office.name,
            rings_from=self._stage.day(place.rings_from),
            by=self._cast[office.chat].person_id,
            **self._times,
        )
        self._release(place.number, self._cast[office.chat].person_id)

    def _release(self, number: str, office: UUID | None) -> None:
        """The office has looked at the dates, and its patients may come."""
        if office is None or self._builder is None:
            raise RuntimeError("a study is released by two people")
        today = self._clock.now().date()
        with self._records.begin() as tx:
            study = study_named(tx, None)
            version = releases.version_named(tx, study, None)
            wanted = releases.Wanted(version, site_named(tx, study, number), today, today, self._builder, office)
            releases.release(tx, self._studies, [wanted], demo=True, **self._times)

    def _put(self, player: Player) -> None:
        who = self._cast[player.chat]
        if player.place is not None:
            # Whoever has not joined on the last day was invited shortly before.
            number = -2 if player.joins is None else player.joins
            minutes = self._stage.chance.randrange(40)
            moment = self._stage.moment(number, OPENS, who.zone) + timedelta(minutes=minutes)
            self._stage.at(moment, partial(self._come, who))
        if player.blocks_on is not None:
            blocks = self._stage.moment(player.blocks_on, ENTERS, who.zone)
            self._stage.at(blocks, partial(self._engine.blocks, player.chat))
        for gone in player.leaves:
            self._stage.at(self._stage.moment(gone.first, OPENS, who.zone), partial(self._goes_away, who, gone))

    def _come(self, who: Cast) -> None:
        if who.player.joins is None:
            self._invite(who)
        else:
            self._join(who)

    def _invite(self, who: Cast) -> str:
        """Somebody is invited, and answers for the patients that wait for them; the link."""
        player = who.player
        invitation = inviting.invite(
            self._records,
            study_code=None,
            site_number=player.place,
            role=player.role,
            name=player.name,
            language=player.language,
            functions=player.functions,
            works_in=None if player.country is None else WorksIn(player.zone, player.country),
            by=self._office,
            **self._times,
        )
        who.person_id = invitation.person_id
        for patient in self._script.patients:
            self._assign(patient, who.chat)
        return invitation.token

    def _join(self, who: Cast) -> None:
        """Start, yes, got it: the three taps."""
        token = self._invite(who)
        first = len(self._chats.shown(who.chat))
        self._engine.opens_link(who.chat, token)
        for _ in range(2):
            self._engine.catch_up()
            asked = next(one for one in self._chats.shown(who.chat)[first:] if one.keyboard)
            self._engine.press(who.chat, asked.message_id, asked.keyboard[0][0].data)
        self._engine.catch_up()
        if who.player.weekly != MONDAY and who.person_id is not None:
            with self._records.begin() as tx:
                set_digest_on(tx, who.person_id, who.player.weekly, by=who.person_id, **self._times)

    @property
    def _office(self) -> UUID | None:
        return next((one.person_id for one in self._cast.values() if one.place is None), None)

    def _goes_away(self, who: Cast, gone: Leave) -> None:
        if who.person_id is None:
            return
        today = local_day(self._clock.now(), who.zone)
        cover = None if gone.cover is None else self._cast[gone.cover].person_id
        with self._records.begin() as tx:
            last = today + timedelta(days=gone.days - 1)
            away.set_away(tx, who.person_id, last, cover, by=who.person_id, **self._times)

    # --- patients and mishaps -----------------------------------------------------------------------------------------

    def _expect(self, patient: Patient) -> None:
        zone = zone_of(self._script.place(patient.place).zone)
        self._stage.at(self._stage.moment(patient.enters, ENTERS, zone), partial(self._enter, patient))

    def _enter(self, patient: Patient) -> None:
        """The trial office enters a patient, with what has happened so far; of what fell due before, most is taken down."""
        patient_id = patients.add_patient(
            self._records,
            self._studies,
            study_code=None,
            site_number=patient.place,
            code=patient.code,
            events={name: self._stage.day(number) for name, number in patient.events.items()},
            facts=patient.facts,
            held={occurrence: self._stage.day(number) for occurrence, number in patient.held.items()},
            by=self._office,
            **self._times,
        )
        self._entered[patient.code] = patient_id
        first = self._stage.day(self._script.place(patient.place).rings_from)
        someone = next((one.person_id for one in self._cast.values() if one.player.place == patient.place), None)
        if first <= self._stage.day(patient.enters) and someone is not None:
            take_down(
                self._records,
                self._studies,
                patient_id,
                before=first,
                known=self._script.place(patient.place).known,
                by=someone,
                office=self._office,
                chance=self._stage.chance,
                times=self._times,
            )
        for chat in patient.assigned.values():
            self._assign(patient, chat)

    def _assign(self, patient: Patient, chat: int) -> None:
        """This person answers for what is theirs of the patient, as soon as both are there."""
        patient_id, person_id = self._entered.get(patient.code), self._cast[chat].person_id
        if patient_id is None or person_id is None:
            return
        for function in [function for function, one in patient.assigned.items() if one == chat]:
            with self._records.begin() as tx:
                assigning.assign(tx, patient_id, function, person_id, by=self._office, **self._times)

    def _put_corrections(self) -> None:
        for number, place in self._script.queries:
            moment = self._stage.moment(number, FOUNDED, zone_of(self._script.place(place).zone))
            self._stage.at(moment, partial(self._desk.ask_again, place))
        for one in self._script.corrections:
            self._stage.at(self._midday(one.day, one.code), partial(self._correct, one))

    def _midday(self, number: int, code: str) -> Instant:
        """When the office enters something about a patient that day."""
        return self._stage.moment(number, ENTERS, zone_of(self._script.place(self._homes[code]).zone))

    def _correct(self, correction: Correction) -> None:
        self._desk.correct(self._entered[correction.code], correction)

    def _happens(self, happening: Happening) -> None:
        self._desk.happens(self._entered[happening.code], happening)

    def _put_mishaps(self) -> None:
        for number, hours in self._script.outages:
            moment = self._stage.moment(number, OPENS, zone_of("UTC"))
            self._stage.at(moment, partial(self._is_out, timedelta(hours=hours)))
        for number, chat in self._script.lost:
            moment = self._stage.moment(number, OPENS, self._cast[chat].zone)
            self._stage.at(moment, partial(self._chats.lose, chat, 2))
        for number, chat in self._script.refused:
            moment = self._stage.moment(number, OPENS, self._cast[chat].zone)
            self._stage.at(moment, partial(self._chats.refuse, chat))

    def _is_out(self, length: timedelta) -> None:
        """The machine is off: nothing happens, and whatever was to happen meanwhile happens after it."""
        self._engine.beat()
        self._stage.wait_until(self._clock.now() + length)
        self._engine.start()
