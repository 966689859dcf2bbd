"""What the trial office types while a trial runs: days off, hours, claims, patients who leave, items, outages."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from office import inviting, patients, people, sites
from office.answers import Recorded, record_answer
from office.study_files import study_from_text
from records import outages, plans
from records import people as people_rows
from records.database import Records
from scheduler.clock import SystemClock
from scheduler.definitions import Definitions
from tests.app.homes import Home
from tests.databases import Place
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, Via
from trial.moments import Instant, instant
from trial.people import Role

CODE = "417-973"
CHATS = {"Amina": 7001, "Berta": 7002, "Manager A": 7003, "Investigator I": 7004}


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
def sitebell(office: Home, sqlcipher_place: Place) -> Furnished:
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
        enrol(records, "Amina", Role.COORDINATOR, **times)
        enrol(records, "Berta", Role.COORDINATOR, **times)
        enrol(records, "Investigator I", Role.INVESTIGATOR, **times)
        enrol(records, "Manager A", Role.MANAGER, **times)
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

    assert own == "07:00 to 15:30; what is not urgent in a weekly digest.\n"
    assert "08:30 to 17:00" in sitebell("people", "hours", "--name", "Amina", "--site", "417")
    assert "give --from and --to, or --usual" in sitebell.refused("site", "hours", "417")
    assert "cannot be kept" in sitebell.refused("site", "hours", "417", "--from", "04:00", "--to", "15:00")
    assert "no time of day" in sitebell.refused("site", "hours", "417", "--from", "early", "--to", "15:00")


def test_disclosure_names_who_answers_for_it(sitebell: Furnished):
    chosen = sitebell("site", "disclose", "417", "--level", "code", "--by", "Investigator I")

    assert chosen == "Site 417: code.\n"
    assert sitebell("site", "disclose", "417", "--level", "code", "--by", "Investigator I").endswith("as before.\n")
    assert "cannot answer" in sitebell.refused("site", "disclose", "417", "--level", "code", "--by", "Amina")
    assert "not offered yet" in sitebell.refused("site", "disclose", "417", "--level", "task-only", "--by", "Manager A")


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

    assert told == "09:00 to 16:00, but not 12:00 to 13:00; each thing by itself.\n"
    assert "weekly digest" in sitebell("people", "hours", *place, "--digest", "wednesday")
    assert "08:30 to 17:00" in sitebell("people", "hours", *place, "--usual")
    assert "valid: monday" in sitebell.refused("people", "hours", *place, "--digest", "daily")
    assert "one of its two times" in sitebell.refused("people", "hours", *place, "--from", "09:00")


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
    asked = sitebell("claims", "query", row["claim"], "--words", "series 4 is missing", "--by", "Manager A")
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
    assert sitebell("office", "items").startswith(f"{row['item']}  help  ")
    assert sitebell("office", "close", row["item"], "--by", "Manager A") == "Closed.\n"
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
    assert sitebell("outage", "release", "--by", "Manager A").startswith("Released; ")
    assert "released" in sitebell("outage", "show")
    assert "nothing waits" in sitebell.refused("outage", "release")


def test_the_table_of_replies_is_printed(sitebell: Furnished):
    told = sitebell("replies", "table")

    assert told.startswith("en: replies on ")
    assert "\nja: replies on " in told
    assert "0 recorded wrongly" in told


def test_every_audit_entry_of_these_commands_holds(sitebell: Furnished):
    sitebell("site", "close", "417", "--first", sitebell.day(20))
    sitebell("people", "hours", "--name", "Amina", "--site", "417", "--digest", "each")
    sitebell("people", "away", "--name", "Amina", "--site", "417", "--until", sitebell.day(5), "--cover", "Berta")
    sitebell("people", "assign", "--code", CODE, "--function", "imaging", "--name", "Berta")

    assert sitebell("audit", "verify").startswith("The audit log holds: ")
