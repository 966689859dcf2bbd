"""Everybody of a whole trial signed in, and what each of them may: the ground of the tests of who may what."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from records import people, schema, sites, studies
from scheduler.definitions import zone_of
from tests.databases import Place
from tests.web.board.doors import Doors, doors_of
from tests.web.board.whole_trial import ELSEWHERE, ITS_PATIENT, Whole, whole_trial
from trial.access import Action, may
from trial.moments import local_day

SITES: Final = ("417", "501", ELSEWHERE)
NOWHERE: Final = "999"
LEAVER: Final = "Person who leaves"
VIEWERS: Final = (
    "Manager A",
    "Monitor A",
    "Monitor S",
    "Auditor A",
    "Administrator A",
    "Amina",
    "Investigator A",
    "Tomoko",
    "Investigator B",
    "Foreign manager",
    "Foreign coordinator",
)
EXAMPLES: Final = "such as 417"
"""What stands on a form whatever the sites of a study are called."""

Needs = tuple[frozenset[Action], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route needs: of each group one action, all at one place.

    `where`: the site that the address is about; "study": the study as a whole; "this study": DREAM; "somewhere": any place of theirs.
    """

    needs: Needs
    where: str = "somewhere"


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `own`: the person whom it is about, who may never do it to themselves. `file`: name and content, where
    the form has one.
    """

    method: str
    route: str
    address: str
    rule: Rule
    fields: dict[str, str] = field(default_factory=dict)
    own: UUID | None = None
    file: tuple[str, bytes] | None = None


def needs(*actions: Action) -> Needs:
    return tuple(frozenset({one}) for one in actions)


def words_of(text: str) -> str:
    """What somebody reads or could follow: without drawings and without the forms' own ids."""
    drawn = re.sub(r"<svg\b.*?</svg>", lambda one: " ".join(re.findall(r">([^<]+)<", one[0])), text, flags=re.DOTALL)
    return unescape(re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", " ", drawn)).replace(EXAMPLES, "")


@dataclass(slots=True)
class Matrix:
    """A served trial with everybody signed in, and what stands in its records."""

    whole: Whole
    doors: Doors
    browsers: dict[str, httpx.Client]
    places: dict[str, sites.SiteRow]
    studies: dict[str, UUID]

    @property
    def version(self) -> UUID:
        """The newest version of DREAM: an amendment that was released nowhere."""
        return self.whole.version

    def may(self, viewer: str, case: Case) -> bool:
        person_id, rule, now = self.whole.people[viewer], case.rule, self.whole.trial.clock.now()
        with self.whole.trial.records.read() as tx:
            actor = people.actor(tx, person_id)
        assert actor is not None
        if case.own == person_id:
            return False
        # The study as a whole is the viewer's own: they can name no other.
        own = {held.study_id for held in actor.memberships}
        whole = [(study, None, now.date()) for study in own]
        at = {
            number: (site.study_id, site.id, local_day(now, zone_of(site.zone))) for number, site in self.places.items()
        }
        match rule.where:
            case "somewhere":
                asked = [*whole, *at.values()]
            case "study":
                asked = whole
            case "this study":
                asked = [(self.studies["DREAM"], None, now.date())]
            case number:
                asked = [at[number]] if number in at else []
        return any(_holds(actor, rule.needs, *place) for place in asked)

    def not_theirs(self, viewer: str) -> re.Pattern[str]:
        """What no page may hold for this viewer: codes of patients, names of people, numbers of sites."""
        return re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in self._hidden(viewer)))

    def _hidden(self, viewer: str) -> Iterator[str]:
        def sees(action: Action, number: str) -> bool:
            return self.may(viewer, Case("", "", "", Rule(needs(action), number)))

        with self.whole.trial.records.read() as tx:
            actor = people.actor(tx, self.whole.people[viewer])
            rows = tx.connection.execute(schema.membership.select()).all()
            names = people.names_of(tx, {row.person_id for row in rows})
        assert actor is not None
        mine, numbers = {held.study_id for held in actor.memberships}, {one.id: n for n, one in self.places.items()}
        shown = {
            row.person_id
            for row in rows
            if (row.site_id is None and row.study_id in mine)
            or (row.site_id is not None and sees(Action.OVERSEE, numbers[row.site_id]))
        }
        yield from (name for person_id, name in names.items() if person_id not in shown)
        yield from (number for number in self.places if not sees(Action.OVERSEE, number))
        codes = [*self.whole.patients, ITS_PATIENT]
        yield from (code for code in codes if not sees(Action.SEE, code.partition("-")[0]))


def _holds(actor, wanted: Needs, study_id: UUID, site_id: UUID | None, today: date) -> bool:
    return all(
        any(may(actor, action, study_id=study_id, site_id=site_id, today=today) for action in group) for group in wanted
    )


@contextmanager
def everybody_signed_in(place: Place, folder: Path) -> Iterator[Matrix]:
    """A served trial in a copy of this database, one browser for each viewer, and one that holds nothing."""
    with whole_trial(place, folder) as whole, doors_of(whole.trial) as doors:
        whole.people[LEAVER] = whole.trial.enrolled(LEAVER)
        browsers = {name: doors.browser() for name in (*VIEWERS, LEAVER, "")}
        for name in (*VIEWERS, LEAVER):
            assert browsers[name].post(doors.link(whole.people[name])).status_code == 303
        whole.trial.revoked(LEAVER)
        with whole.trial.records.read() as tx:
            places = {site.number: site for site in sites.sites(tx)}
            known = {study.code: study.id for study in studies.studies(tx)}
        yield Matrix(whole, doors, browsers, places, known)
        for http in browsers.values():
            http.close()
