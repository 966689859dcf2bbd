"""What the trial office types while a trial runs: days off, hours, claims, patients who leave, items, outages."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import UUID

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from app.main import cli
from office import inviting, patients, people, sites
from office.answers import Recorded, record_answer
from office.study_files import study_from_text
from records import outages, plans
from records import people as people_rows
from records.database import Records
from scheduler import clock as clock_room
from scheduler.clock import SystemClock
from scheduler.definitions import Definitions
from tests.app.homes import MANAGER, Home
from tests.databases import Place
from tests.released import release_everywhere
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, Via
from trial.moments import Instant, instant
from trial.people import Role

CODE = "417-973"
CHATS = {"Amina": 7001, "Berta": 7002, MANAGER: 7003, "Investigator I": 7004}


@dataclass(frozen=True, slots=True)
class Furnished:
    """A site with two coordinators, an investigator and a manager, and one patient who was registered ten days ago."""

    home: Home
    place: Place
    today: date

    def __call__(self, *words: str) -> str:
        """Runs a command that works, and gives what it printed."""
        said = self.home(*words)
        assert (said.code, said.err) == (0, ""), said.everything
        return said.out

    def refused(self, *words: str) -> str:
        """Runs a command that is refused with a sentence, and gives the sentence."""
        said = self.home(*words)
        assert (said.code, said.out) == (2, ""), said.everything
        assert CODE not in said.err
        return said.err

    def day(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def says(self, occurrence: str, name: str, kind: AnswerKind, said: Said) -> Recorded:
        """Amina answers, by a button."""
        clock = SystemClock()
        with self.place.opened() as records, records.begin() as tx:
            amina = people_rows.person_by_chat(tx, CHATS["Amina"])
            assert amina is not None
            actor = people_rows.actor(tx, amina.id)
            patient = patients.patient_named(tx, None, CODE)
            task = next(one for one in plans.tasks_of_patient(tx, patient.id) if one.key == (occurrence, name))
            place = plans.visit_place(tx, task.visit_id)
            assert actor is not None
            assert place is not None
            outcome = record_answer(
                tx,
                Definitions(study_from_text),
                place,
                actor,
                task_id=task.id,
                kind=kind,
                said=said,
                via=Via.BUTTON,
                now=clock.now(),
                elapsed=clock.elapsed(),
            )
        assert isinstance(outcome, Recorded)
        return outcome

    def patient_state(self) -> str:
        with self.place.opened() as records, records.read() as tx:
            return patients.patient_named(tx, None, CODE).state


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock shows noon when a test begins, so that today is one day until its end."""
    began = datetime.now(UTC)
    ahead = began.replace(hour=12, minute=0, second=0) - began

    class ShiftedTime:
        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime.now(zone) + ahead

    monkeypatch.setattr(clock_room, "datetime", ShiftedTime)


@pytest.fixture
def sitebell(noon: None, office: Home, sqlcipher_place: Place) -> Furnished:
    clock = SystemClock()
    times = {"now": clock.now(), "elapsed": clock.elapsed()}
    today = clock.now().date()
    with sqlcipher_place.opened() as records:
        sites.add_site(
            records,
            study_code=None,
            number="417",
            name="Berlin",
            country="DE",
            zone_name="Europe/Berlin",
            disclosure="code",
            rings_from=today - timedelta(days=60),
            by=None,
            **times,
        )
        release_everywhere(records, now=times["now"])
        enrol(records, "Amina", Role.COORDINATOR, **times)
        enrol(records, "Berta", Role.COORDINATOR, **times)
        enrol(records, "Investigator I", Role.INVESTIGATOR, **times)
        enrol(records, MANAGER, Role.MANAGER, **times)
        patients.add_patient(
            records,
            Definitions(study_from_text),
            study_code=None,
            site_number="417",
            code=CODE,
            events={"first_registration": today - timedelta(days=10)},
            by=None,
            **times,
        )
    return Furnished(office, sqlcipher_place, today)


def enrol(records: Records, name: str, role: Role, **times: Instant) -> UUID:
    invitation = inviting.invite(
        records,
        study_code=None,
        site_number=None if role is Role.MANAGER else "417",
        role=role,
        name=name,
        language="en",
        by=None,
        **times,
    )
    with records.begin() as tx:
        digest = inviting.token_hash(invitation.token)
        asked = people.claim_invite(tx, token_hash=digest, chat_id=CHATS[name], **times)
        assert asked is not None
        people.enrol(tx, asked.invite_id, chat_id=CHATS[name], **times)
    return invitation.person_id


# --- sites ------------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_each_persons_week(sitebell: Furnished):
    told = sitebell("site", "dry-run", "417")
    rows = json.loads(sitebell("site", "dry-run", "417", "--json"))

    assert told.startswith(f"Site 417, {sitebell.today} to {sitebell.day(6)}, if nobody answers:\n")
    assert {row["name"] for row in rows} == {"Amina", "Berta", "Investigator I"}
    assert len(rows) == 3 * 7
    totals = {name: sum(row["singles"] for row in rows if row["name"] == name) for name in ("Amina", "Berta")}
    assert sum(totals.values()) > 0


def test_a_site_is_closed_and_open_again(sitebell: Furnished):
    closed = sitebell("site", "close", "417", "--first", sitebell.day(20), "--last", sitebell.day(22))
    listed = sitebell("site", "closings", "417")
    opened = sitebell("site", "open", "417", "--day", sitebell.day(21))

    assert closed == f"Site 417 is closed from {sitebell.day(20)} to {sitebell.day(22)}.\n"
    assert listed == f"{sitebell.day(20)}  {sitebell.day(22)}\n"
    assert opened == f"Site 417 works from {sitebell.day(20)} to {sitebell.day(22)} after all.\n"
    assert sitebell("site", "closings", "417") == "None beside weekends and public holidays.\n"
    assert "not closed on this day" in sitebell.refused("site", "open", "417", "--day", sitebell.day(21))


def test_a_sites_hours_hold_for_its_people(sitebell: Furnished):
    sitebell("site", "hours", "417", "--from", "07:00", "--to", "15:30")
    own = sitebell("people", "hours", "--name", "Amina", "--site", "417")
    sitebell("site", "hours", "417", "--usual")

    assert own == "07:00 to 15:30; what is not urgent on Monday in one digest; at most 8 single messages a day.\n"
    assert "08:30 to 17:00" in sitebell("people", "hours", "--name", "Amina", "--site", "417")
    assert "give --from and --to, or --usual" in sitebell.refused("site", "hours", "417")
    assert "cannot be kept" in sitebell.refused("site", "hours", "417", "--from", "04:00", "--to", "15:00")
    assert "no time of day" in sitebell.refused("site", "hours", "417", "--from", "early", "--to", "15:00")


def test_disclosure_names_who_answers_for_it(sitebell: Furnished):
    chosen = sitebell("site", "disclose", "417", "--level", "code", "--by", "Investigator I")

    assert chosen == "Site 417: code.\n"
    assert sitebell("site", "disclose", "417", "--level", "code", "--by", "Investigator I").endswith("as before.\n")
    assert "cannot answer" in sitebell.refused("site", "disclose", "417", "--level", "code", "--by", "Amina")
    assert "is no level" in sitebell.refused("site", "disclose", "417", "--level", "names", "--by", MANAGER)


def test_a_chat_that_names_nothing_needs_pages_that_phones_can_open(sitebell: Furnished):
    choose = ("site", "disclose", "417", "--level", "task-only", "--by", MANAGER)

    assert "SITEBELL_WEB_URL: is not set" in sitebell.refused(*choose)
    sitebell.home.set(WEB_URL="https://bell.example.org")
    assert sitebell(*choose) == "Site 417: task-only.\n"
    assert "task-only, chosen by Manager A" in sitebell("site", "list")
    assert "ok    pages: sites whose chats name nothing (417) can open them" in sitebell.home("doctor").out
    sitebell.home.set(WEB_URL="")
    assert "LOOK  pages: SITEBELL_WEB_URL is not set" in sitebell.home("doctor").out


def test_what_is_from_before_sitebell_is_listed_and_asked_about_on_request(sitebell: Furnished):
    late = ("--event", f"first_registration={sitebell.day(-200)}", "--event", f"surgery={sitebell.day(-100)}")
    sitebell("patient", "add", "--site", "417", "--code", "417-974", *late)

    rows = json.loads(sitebell("site", "earlier", "417", "--json"))
    told = sitebell("site", "dry-run", "417")

    assert {row["patient"] for row in rows} == {"417-974"}
    assert all(row["due"] < sitebell.day(-60) for row in rows)
    assert f"{len(rows)} open from before Sitebell: shown in lists, ringing nobody" in told
    assert sitebell("site", "earlier", "417").startswith("417-974  ")
    asked = sitebell("patient", "ask-earlier", "--code", "417-974")
    assert asked.startswith(f"The site is asked about {len(rows)} ")
    assert sitebell("site", "earlier", "417") == "There is nothing from before Sitebell.\n"
    assert sitebell("patient", "ask-earlier", "--code", "417-974").startswith("There is nothing")


# --- holds ------------------------------------------------------------------------------------------------------------


def test_a_hold_is_placed_listed_and_lifted(sitebell: Furnished):
    placed = sitebell(
        "hold", "add", "--code", CODE, "--until", sitebell.day(30), "--reason", "Between two clinics", "--by", MANAGER
    )
    hold_id = placed.split(": ")[1].rstrip(".\n")
    listed, rows = sitebell("hold", "list"), json.loads(sitebell("hold", "list", "--json"))
    lifted = sitebell("hold", "lift", hold_id, "--reason", "Back at the site", "--by", MANAGER)

    assert placed.startswith(f"On hold until {sitebell.day(30)}: ")
    assert listed == f"{hold_id}  patient {CODE}  until {sitebell.day(30)}  Between two clinics ({MANAGER})\n"
    assert [(row["scope"], row["patient"], row["site"], row["stands"]) for row in rows] == [
        ("patient", CODE, "417", True)
    ]
    assert lifted == "Lifted; it has kept back 0 tasks.\n"
    assert sitebell("hold", "list") == "Nothing is on hold.\n"
    assert f"Back at the site ({MANAGER})" in sitebell("hold", "list", "--all")
    assert "does not stand any more" in sitebell.refused("hold", "lift", hold_id, "--reason", "Once more")


def test_a_hold_needs_a_reason_that_names_nobody(sitebell: Furnished):
    hold = ("hold", "add", "--site", "417", "--until", sitebell.day(30), "--reason")

    assert "reason: they are missing" in sitebell.refused(*hold, " ")
    assert "the privacy guard stopped them" in sitebell.refused(*hold, "Patient born 12.03.1956 is abroad")


@pytest.mark.parametrize("what", [("--site", "417"), ("--kind", "upload"), ("--everything",)])
def test_a_site_a_kind_of_task_and_the_study_are_held_too(sitebell: Furnished, what: tuple[str, ...]):
    sitebell("hold", "add", *what, "--until", sitebell.day(365), "--reason", "The summer break")

    assert "The summer break (command line)" in sitebell("hold", "list")


# --- what was typed wrongly -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("site dry-run 418", "site: '418' is not a site of DREAM; did you mean 417"),
        ("site earlier 418", "site: '418' is not a site of DREAM"),
        ("site close 418 --first 2026-12-24", "site: '418' is not a site of DREAM"),
        ("site close 417 --first 24.12.", "first: '24.12.' is no date; write it as 2026-03-02."),
        ("site close 417 --first 2030-12-31 --last 2030-12-24", "its last day lies before its first"),
        ("site close 417 --first 2020-12-24", "or before today; give later days."),
        ("site hours 417 --from 17:00 --to 08:30", "17:00 to 08:30 cannot be kept; give two times"),
        ("site disclose 417 --level code --by Nobody", "name: nobody of this name has access there"),
        ("hold add --until 2030-01-01 --reason Why", "hold: it is not clear of what; give one of --site, --code"),
        ("hold add --site 417 --everything --until 2030-01-01 --reason Why", "hold: it is not clear of what"),
        ("hold add --site 418 --until 2030-01-01 --reason Why", "site: '418' is not a site of DREAM"),
        ("hold add --site 417 --until soon --reason Why", "until: 'soon' is no date"),
        ("hold add --site 417 --until 2020-01-01 --reason Why", "until: the day does not lie ahead"),
        ("hold add --site 417 --until 2199-01-01 --reason Why", "until: it is more than 365 days ahead"),
        ("hold add --kind tea --until 2030-01-01 --reason Why", "kind: 'tea' is not known; valid: "),
        ("hold add --code 999-999 --until 2030-01-01 --reason Why", "patient: DREAM has no patient of this code"),
        ("hold add --site 417 --until 2030-01-01 --reason Why --by Nobody", "name: nobody of this name"),
        ("hold lift nothing --reason Why", "hold: this is no id"),
        ("people away --name Nobody --site 417 --until 2030-01-01", "name: nobody of this name has access there"),
        ("people away --name Amina --site 418 --until 2030-01-01", "site: '418' is not a site of DREAM"),
        ("people away --name Amina --site 417 --until 2020-01-01", "away: the last day lies before the first"),
        ("people away --name Amina --site 417 --until soon", "until: 'soon' is no date"),
        (
            "people away --name Amina --site 417 --until 2030-01-02 --from 2030-01-03",
            "the last day lies before the first",
        ),
        ("people away --name Amina --site 417 --until 2030-01-01 --cover Amina", "away: it is longer than 350 days"),
        ("people away --name Amina --site 417 --until 2030-01-01 --cover Nobody", "name: nobody of this name"),
        ("people back --name Nobody --site 417", "name: nobody of this name has access there"),
        ("people hours --name Nobody --site 417 --digest each", "name: nobody of this name has access there"),
        (
            "people hours --name Amina --site 417 --most-a-day 0",
            "most a day: it is no number of notices; give a number from 1",
        ),
        ("people hours --name Amina --site 417 --usual --from 09:00 --to 16:00", "hours: it is not clear which"),
        (
            "people hours --name Amina --site 417 --no-quiet --quiet-from 12:00 --quiet-to 13:00",
            "it is not clear which",
        ),
        (
            "people functions --name Amina --site 417 --functions tea",
            "functions: 'tea' is not known; valid: coordination",
        ),
        ("people functions --name Nobody --site 417 --functions imaging", "name: nobody of this name"),
        ("people assign --code 417-973 --function imaging --name Nobody", "name: nobody of this name"),
        ("people assign --code 999-999 --function imaging", "patient: DREAM has no patient of this code"),
        ("patient ask-earlier --code 999-999", "patient: DREAM has no patient of this code"),
        ("patient leaving attempt --code 417-973 --day 2026-03-02 --by Amina", "this person has no right to do so"),
        ("patient leaving attempt --code 417-973 --day soon --by Amina", "day: 'soon' is no date"),
        ("patient leaving take-back --code 417-973 --by Nobody", "name: nobody of this name"),
        ("patient leaving take-back --code 417-973 --by Amina", "this person has no right to do so"),
        ("claims list --state seen", "state: 'seen' is not known; valid: claimed, verified, queried."),
        ("claims verify 5cbe9b5c-4c1f-4a4e-8d3f-0d8f9d6f7f10", "claim: there is none; check what you gave."),
        ("claims query 5cbe9b5c-4c1f-4a4e-8d3f-0d8f9d6f7f10 --by Nobody", "name: nobody of this name"),
        ("office close 5cbe9b5c-4c1f-4a4e-8d3f-0d8f9d6f7f10", "item: there is none"),
        ("office close the-first", "item: this is no id; copy one from the list."),
        ("outage release the-last", "outage: this is no id; copy one from the list."),
        ("site dry-run 417 --study DREEM", "study: 'DREEM' is not known; did you mean DREAM"),
    ],
)
def test_what_was_typed_wrongly_is_answered_by_a_sentence(sitebell: Furnished, words: str, sentence: str):
    assert sentence in sitebell.refused(*words.split())


@pytest.mark.parametrize("level", ["code", "task-only"])
def test_nobody_without_the_right_answers_for_a_chat(sitebell: Furnished, level: str):
    sitebell.home.set(WEB_URL="https://bell.example.org")

    assert "cannot answer for it" in sitebell.refused("site", "disclose", "417", "--level", level, "--by", "Amina")


def commands(group: TyperGroup, before: tuple[str, ...] = ()) -> Iterator[tuple[str, TyperCommand]]:
    """Every command that there is, with the words that it is called by."""
    for name, command in group.commands.items():
        words = (*before, name)
        if isinstance(command, TyperGroup):
            yield from commands(command, words)
        else:
            yield " ".join(words), command


def test_every_command_and_every_word_of_it_says_what_it_is_for():
    everything = dict(commands(typer.main.get_group(cli)))
    silent = {name for name, command in everything.items() if not command.help}
    unexplained = {
        f"{name} {parameter.name}"
        for name, command in everything.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    }

    assert len(everything) > 40
    assert silent == set()
    assert unexplained == set()


# --- people -----------------------------------------------------------------------------------------------------------


def test_somebody_is_away_with_a_colleague_who_stands_in_and_comes_back(sitebell: Furnished):
    until = sitebell.day(5)
    away = sitebell("people", "away", "--name", "Amina", "--site", "417", "--until", until, "--cover", "Berta")

    assert away.startswith(f"Away from {sitebell.today} to {until}; Berta stands in for ")
    assert sitebell("people", "back", "--name", "Amina", "--site", "417") == "They are back.\n"
    assert sitebell("people", "back", "--name", "Amina", "--site", "417") == "They were not away.\n"
    assert "nobody of this name" in sitebell.refused(
        "people", "away", "--name", "Nobody", "--site", "417", "--until", until
    )


def test_hours_digest_and_cap_of_one_person(sitebell: Furnished):
    place = ("--name", "Amina", "--site", "417")
    own = ("--from", "09:00", "--to", "16:00", "--quiet-from", "12:00", "--quiet-to", "13:00")

    told = sitebell("people", "hours", *place, *own, "--digest", "each", "--most-a-day", "3")

    assert told == "09:00 to 16:00, but not 12:00 to 13:00; each thing by itself; at most 3 single messages a day.\n"
    assert "on Wednesday in one digest" in sitebell("people", "hours", *place, "--digest", "wednesday")
    assert "09:00 to 16:00, but not 12:00 to 13:00" in sitebell("people", "hours", *place)
    assert "08:30 to 17:00" in sitebell("people", "hours", *place, "--usual")
    assert "valid: monday" in sitebell.refused("people", "hours", *place, "--digest", "daily")
    assert "one of its two times" in sitebell.refused("people", "hours", *place, "--from", "09:00")


def test_what_is_not_given_stays_as_it_is(sitebell: Furnished):
    place = ("--name", "Amina", "--site", "417")
    sitebell(
        "people", "hours", *place, "--from", "09:00", "--to", "16:00", "--quiet-from", "12:00", "--quiet-to", "13:00"
    )

    assert "09:00 to 15:00, but not 12:00 to 13:00;" in sitebell(
        "people", "hours", *place, "--from", "09:00", "--to", "15:00"
    )
    assert "09:00 to 15:00, but not 11:00 to 12:00;" in sitebell(
        "people", "hours", *place, "--quiet-from", "11:00", "--quiet-to", "12:00"
    )
    assert "09:00 to 15:00;" in sitebell("people", "hours", *place, "--no-quiet")


def test_a_function_has_its_person_and_the_list_shows_it(sitebell: Furnished):
    place = ("--name", "Berta", "--site", "417")

    said = sitebell("people", "functions", *place, "--functions", "imaging, pathology")

    assert said == "Berta answers for imaging, pathology.\n"
    sitebell("people", "away", "--name", "Amina", "--site", "417", "--until", sitebell.day(3))
    listed = sitebell("people", "list").splitlines()
    assert "Berta  coordinator  site 417  en  enrolled  imaging, pathology" in listed
    assert f"Amina  coordinator  site 417  en  enrolled  coordination  away until {sitebell.day(3)}" in listed
    assert sitebell("people", "functions", *place, "--functions", "none") == "Berta answers for no function.\n"


def test_one_patients_scans_have_a_responsible_person_of_their_own(sitebell: Furnished):
    assign = ("people", "assign", "--code", CODE, "--function", "imaging")

    assert sitebell(*assign, "--name", "Berta") == "Berta is responsible.\n"
    assert sitebell(*assign) == "Whoever has the function is responsible.\n"
    assert "function: 'tea' is not known" in sitebell.refused("people", "assign", "--code", CODE, "--function", "tea")


# --- claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_is_queried_and_verified(sitebell: Furnished):
    sitebell.says("baseline_imaging", "hold", AnswerKind.DONE, Said(day=sitebell.today - timedelta(days=3)))
    sitebell.says("baseline_imaging", "upload_ct", AnswerKind.UPLOADED, Said(day=sitebell.today - timedelta(days=2)))
    (row,) = json.loads(sitebell("claims", "list", "--json"))
    listed = sitebell("claims", "list")

    assert (row["patient"], row["task"], row["said_by"], row["state"]) == (CODE, "Upload CT", "Amina", "claimed")
    assert listed.startswith(f"{row['claim']}  site 417  {CODE}  Baseline CT and MRI  Upload CT  ")
    asked = sitebell("claims", "query", row["claim"], "--words", "series 4 is missing", "--by", MANAGER)
    assert asked == "Queried; the site is asked in its hours.\n"
    assert json.loads(sitebell("claims", "list", "--json", "--state", "queried"))
    assert sitebell("claims", "verify", row["claim"]) == "Verified; the card follows.\n"
    assert "was done before" in sitebell.refused("claims", "verify", row["claim"])
    assert sitebell("claims", "list", "--state", "queried") == "There are none.\n"
    assert "this is no id" in sitebell.refused("claims", "verify", "the-first")
    words = ("--words", "call 0170 1234567")
    assert "privacy guard" in sitebell.refused("claims", "query", row["claim"], *words)


# --- patients who leave -----------------------------------------------------------------------------------------------


def test_leaving_is_confirmed_by_a_named_person_and_taken_back(sitebell: Furnished):
    leaving = ("patient", "leaving")
    who = ("--code", CODE, "--by", "Investigator I")
    lost = (*leaving, "confirm", *who, "--kind", "lost", "--day", sitebell.day(-1))
    sitebell.says("baseline_imaging", "hold", AnswerKind.NO_LONGER_FOLLOWED, Said(leaving=LeavingKind.LOST))

    early = sitebell.refused(*lost)
    logged = sitebell(*leaving, "attempt", *who, "--day", sitebell.day(-2))
    done = sitebell(*lost)

    assert "log the attempts" in early
    assert logged == "Logged; attempts on 1 day.\n"
    assert "not a safety report" in done
    assert sitebell.patient_state() == "followed"  # what was owed before is still owed
    assert "was done before" in sitebell.refused(*lost)
    back = sitebell(*leaving, "take-back", *who, "--reason", "another patient was meant")
    assert back == "Taken back; reminders go on where they stopped.\n"
    assert "no right" in sitebell.refused(
        *leaving, "confirm", "--code", CODE, "--by", "Amina", "--kind", "death", "--day", sitebell.day(-1)
    )
    assert "kind: 'moved' is not known" in sitebell.refused(
        *leaving, "confirm", *who, "--kind", "moved", "--day", sitebell.day(-1)
    )


# --- items and outages ------------------------------------------------------------------------------------------------


def test_an_item_is_listed_and_closed(sitebell: Furnished):
    sitebell.says("baseline_imaging", "hold", AnswerKind.NEED_HELP, Said(help=HelpKind.CALL_ME))
    (row,) = json.loads(sitebell("office", "items", "--json"))

    assert (row["kind"], row["site"], row["patient"], row["name"]) == ("help", "417", CODE, "Amina")
    assert row["about"] == "call_me"
    assert sitebell("office", "items").startswith(f"{row['item']}  help (call_me)  ")
    assert sitebell("office", "close", row["item"], "--by", MANAGER) == "Closed.\n"
    assert sitebell("office", "items") == "There is nothing to look at.\n"
    assert "was done before" in sitebell.refused("office", "close", row["item"])


def test_a_patient_who_left_is_no_item_to_click_away(sitebell: Furnished):
    sitebell.says("baseline_imaging", "hold", AnswerKind.NO_LONGER_FOLLOWED, Said(leaving=LeavingKind.LOST))
    (row,) = json.loads(sitebell("office", "items", "--json"))

    assert "patient leaving" in sitebell.refused("office", "close", row["item"])


def test_what_waits_since_an_outage_is_released_once(sitebell: Furnished):
    assert sitebell("outage", "show") == "There was none.\n"
    assert "nothing waits" in sitebell.refused("outage", "release")
    clock = SystemClock()
    began = instant(clock.elapsed() - timedelta(days=2))
    with sitebell.place.opened() as records, records.begin() as tx:
        outages.record_outage(
            tx, began_at=began, ended_at=clock.elapsed(), trial_from=began, trial_until=clock.now(), held=True
        )

    assert "WAITS for release" in sitebell("outage", "show")
    assert "LOOK  outage: nothing is sent since" in sitebell.home("doctor").out
    assert "dry run: nothing is sent since an outage" in sitebell.refused("site", "dry-run", "417")
    assert sitebell("outage", "release", "--by", MANAGER).startswith("Released; ")
    assert "released" in sitebell("outage", "show")
    assert "outage:" not in sitebell.home("doctor").out
    assert "nothing waits" in sitebell.refused("outage", "release")


def test_after_a_backup_was_restored_sending_is_held(sitebell: Furnished):
    assert sitebell("outage", "hold").startswith("Nothing is sent now.")
    assert "already" in sitebell.refused("outage", "hold")
    assert "WAITS for release" in sitebell("outage", "show")
    assert sitebell("outage", "release").startswith("Released; ")


def test_the_table_of_replies_is_printed(sitebell: Furnished):
    told = sitebell("replies", "table")

    assert re.findall(r"^(\w+): replies on ", told, re.MULTILINE) == ["de", "en", "fr", "ja"]
    assert told.count("; 0 recorded wrongly") == 4


def test_every_audit_entry_of_these_commands_holds(sitebell: Furnished):
    sitebell("site", "close", "417", "--first", sitebell.day(20))
    sitebell("people", "hours", "--name", "Amina", "--site", "417", "--digest", "each")
    sitebell("people", "away", "--name", "Amina", "--site", "417", "--until", sitebell.day(5), "--cover", "Berta")
    sitebell("people", "assign", "--code", CODE, "--function", "imaging", "--name", "Berta")

    assert sitebell("audit", "verify").startswith("The audit log holds: ")
