"""Who is told what: every command in every chat, and every link on every page, for every role.

The commands come from the menu's own table, the links from the pages: nothing here has to be kept up to date by hand.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pytest

from bot.commands import Commands
from bot.composing import Delete, Drop, Strip, outgoing
from bot.menus import has_site, is_office
from bot.turns import Turn
from locales import offered
from locales.commands import OF_WORK, OFFICE_COMMANDS, SITE_COMMANDS
from records import outbox, people
from records.people import Speaker
from records.transaction import Tx
from tests.web.board.matrix import NOWHERE, SITES, VIEWERS, Case, Matrix, Rule, needs
from tests.web.board.whole_trial import ITS_PATIENT
from trial.access import Action

LINK: Final = re.compile(r'(?:href|action|src)="(/[^"#]*)')
BEGINNINGS: Final = ("/", "/late", "/uploads", "/patients", "/sites", "/people", "/notices", "/items", "/me")
NUMBERS: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(params=VIEWERS)
def viewer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# --- the chat ---------------------------------------------------------------------------------------------------------


class _Undone(Exception):
    """Nothing of what was asked for stays."""


@contextmanager
def undone(matrix: Matrix) -> Iterator[Tx]:
    """A transaction that is taken back: what one command does is not there for the next."""
    with suppress(_Undone), matrix.whole.trial.records.begin() as tx:
        yield tx
        raise _Undone


def speaker_of(matrix: Matrix, tx: Tx, viewer: str) -> Speaker:
    person = people.person_by_id(tx, matrix.whole.people[viewer])
    assert person is not None
    assert person.chat_id is not None
    speaker = people.speaker_by_chat(tx, person.chat_id)
    assert speaker is not None
    return speaker


def told(matrix: Matrix, viewer: str, command: str, argument: str) -> str:
    """What this chat is sent when this is typed in it: all its texts and buttons."""
    trial, said = matrix.whole.trial, []
    times = trial.times
    with undone(matrix) as tx:
        outbox.void_waiting(tx, "not asked about", now=times["now"], people=[matrix.whole.people[viewer]])
        Commands(trial.studies).answer(Turn(tx, **times), speaker_of(matrix, tx, viewer), command, argument)
        for claim in outbox.claim(tx, elapsed=times["elapsed"], token=1, limit=100):
            if claim.person_id != matrix.whole.people[viewer]:
                continue
            match outgoing(tx, trial.studies, claim, **times):
                case Drop() | Delete() | Strip():
                    continue
                case sent:
                    said.append(sent.text.text)
                    said += [key.text for row in sent.keyboard for key in row]
    return "\n".join(said)


def arguments_of(matrix: Matrix, command: str) -> Iterator[str]:
    yield ""
    if command == "site":
        yield from (*SITES, NOWHERE)
    if command == "patient":
        yield from (*matrix.whole.patients, ITS_PATIENT, f"{NOWHERE}-001")


@pytest.mark.parametrize("command", [*SITE_COMMANDS, *OFFICE_COMMANDS])
def test_no_command_tells_of_anybody_else(matrix: Matrix, viewer: str, command: str):
    hidden, wrong = matrix.not_theirs(viewer), []
    for argument in arguments_of(matrix, command):
        text = told(matrix, viewer, command, argument)
        assert text, "every command is answered"
        # What somebody wrote is theirs to read again.
        wrong += [(argument, found) for found in sorted(set(hidden.findall(text))) if found != argument]

    assert wrong == []


def test_a_patient_is_told_of_to_whoever_may_see_them(matrix: Matrix, viewer: str):
    with matrix.whole.trial.records.read() as tx:
        actor = speaker_of(matrix, tx, viewer).actor
    reads_only = not has_site(actor, now=matrix.whole.trial.clock.now()) and not manages(matrix, viewer)
    for code in matrix.whole.patients:
        sees = matrix.may(viewer, Case("", "", "", Rule(needs(Action.SEE), code.partition("-")[0])))
        # A monitor or an auditor reads on the board: a chat says nothing of patients to whoever does not work with them.
        lines = told(matrix, viewer, "patient", code).splitlines()
        assert any(code in line for line in lines) == (sees and not reads_only), code


def manages(matrix: Matrix, viewer: str) -> bool:
    return matrix.may(viewer, Case("", "", "", Rule(needs(Action.MANAGE), "study")))


def test_a_chat_offers_the_commands_that_its_person_may_use(matrix: Matrix, viewer: str):
    trial = matrix.whole.trial
    with trial.records.read() as tx:
        actor = people.actor(tx, matrix.whole.people[viewer])
    assert actor is not None
    office = is_office(actor, list(matrix.studies.values()), now=trial.clock.now())
    there_is = offered(office=office, at_site=has_site(actor, now=trial.clock.now()), discreet=False)
    answers = matrix.may(viewer, Case("", "", "", Rule(needs(Action.ANSWER))))

    assert there_is & OFFICE_COMMANDS.keys() == (OFFICE_COMMANDS.keys() if manages(matrix, viewer) else frozenset())
    assert there_is & OF_WORK == (OF_WORK if answers else frozenset())


# --- the pages --------------------------------------------------------------------------------------------------------


def test_every_link_leads_somewhere(matrix: Matrix, viewer: str):
    """What stands on a page is there for whoever reads it. Of addresses that differ in their values only one is followed."""
    http, dead, shapes = matrix.browsers[viewer], [], set()
    waiting = [(place, place) for place in BEGINNINGS]
    while waiting:
        origin, address = waiting.pop()
        path, _, query = address.partition("?")
        shape = (NUMBERS.sub("*", path), *sorted(part.partition("=")[0] for part in query.split("&")))
        if shape in shapes or path == "/live":
            continue
        shapes.add(shape)
        answer = http.get(address)
        # A page that is not for them may be asked for by its name; that none leads there is what is held here.
        if answer.status_code not in {200, 303, 405} and origin != address:
            dead.append((origin, address, answer.status_code))
        if "html" in answer.headers.get("content-type", ""):
            waiting += [(address, found.replace("&amp;", "&")) for found in LINK.findall(answer.text)]

    assert dead == []
    assert len(shapes) > len(BEGINNINGS)
