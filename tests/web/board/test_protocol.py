"""The protocol's versions over HTTP: what one would move is shown, and a second person releases it."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import httpx
import pytest

from office.named import site_named, study_named
from office.releases import Wanted, release, version_named
from office.studies import import_document
from scheduler.amending import amend_due
from tests.office.vocabulary import Trial
from tests.released import TABLE, amendment
from tests.web.board.doors import Doors, csrf_in, doors_of

HERE = {"Sec-Fetch-Site": "same-origin"}
QUESTION = "questions:\n  - {id: imaging, about: fu, ask: From surgery or from the first scan}\n"
FOLLOWED = {"first_registration": "2025-10-01", "second_registration": "2025-10-01", "surgery": "2025-10-20"}


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def builder(trial: Trial) -> UUID:
    return trial.manager("Manager A")


@pytest.fixture
def manager(trial: Trial) -> UUID:
    return trial.manager("Manager B")


def taken_in(trial: Trial, by: UUID, document: str) -> str:
    """The address of its page."""
    return f"/protocol/{import_document(trial.records, document, 'two.yaml', by=by, **trial.times).version_id}"


def released(http: httpx.Client, page: str, **fields: str) -> httpx.Response:
    wanted = {"site": "417", "from": "2026-04-01", "approved_on": "2026-02-01", **fields}
    return http.post(f"{page}/release", data={"csrf": csrf_in(http.get("/me")), **wanted}, headers=HERE)


def moved(page: str) -> list[str]:
    """The table of what would move, a line a row, without what is printed small."""
    table = re.search(r'<table class="cards moves">.*?</thead>(.*?)</table>', page, re.DOTALL)
    assert table is not None
    plain = re.sub(r"<small>.*?</small>", "", table[1], flags=re.DOTALL)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in plain.split("</tr>")[:-1]]
    return [" | ".join(" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in row) for row in rows]


def patient(trial: Trial) -> UUID:
    return trial.patient("417-001", facts={"lesion_left_in_place": "yes"}, **FOLLOWED)


def test_what_it_would_move_stands_on_its_page_and_is_not_done(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID
):
    who = patient(trial)
    page = taken_in(trial, builder, amendment())
    before = trial.tasks(who)
    with doors.as_(manager) as http:
        shown = http.get(f"{page}?site=417&from=2026-04-01").text
        listed = http.get("/protocol").text

    assert "1 patient would be planned by it." in shown
    assert moved(shown) == [
        "417-001",
        "Follow-up imaging, 6 months | 20 Apr 2026 | – | − withdrawn",
        "Follow-up imaging, 8 months | – | 20 Jun 2026 | + new",
        "Follow-up imaging, 16 months | – | 20 Feb 2027 | + new",
        "Follow-up imaging, 18 months | 20 Apr 2027 | – | − withdrawn",
        "Follow-up imaging, 20 months | – | 20 Jun 2027 | + new",
    ]
    assert "Not released for any site of yours." in listed
    assert trial.tasks(who) == before


def test_a_second_person_releases_it_and_the_list_says_who(doors: Doors, trial: Trial, builder: UUID, manager: UUID):
    who = patient(trial)
    page = taken_in(trial, builder, amendment())
    with doors.as_(manager) as http:
        answer = released(http, page)
        back = http.get(answer.headers["Location"]).text
        listed = http.get("/protocol").text
        waiting = http.get(f"{page}?site=417&from=2026-12-24").text
    trial.forward_to("2026-04-01 00:30")
    while amend_due(trial.records, trial.studies, **trial.times, limit=20):
        continue

    assert answer.status_code == 303
    assert "Released. From its day on it plans what is due at this site." in back
    assert re.search(
        r"417 Berlin.*?1 Apr 2026.*?waits for its day.*?1 Feb 2026.*?Manager B.*?file: Manager A", listed, re.DOTALL
    )
    # What it will move can be looked at until its day.
    assert "Follow-up imaging, 8 months | – | 20 Jun 2026 | + new" in moved(waiting)
    assert "fu_8mo/hold" in trial.tasks(who)
    with doors.as_(manager) as http:
        assert 'id="moves"' not in http.get(f"{page}?site=417").text
        story = http.get(f"/patients/{who}").text
    assert re.findall(r"Protocol 2.0 plans[^<]*", story) == ["Protocol 2.0 plans what is due from Wed, 1 Apr 2026 on"]


@pytest.mark.parametrize(
    ("question", "fields", "says"),
    [
        (QUESTION, {}, "The question “imaging” has no answer; it is answered in the study file."),
        ("", {"from": "2026-03-01"}, "An amendment cannot begin in the past. Please give today or a later day."),
        ("", {"approved_on": ""}, "Please fill this in."),
        ("", {"approved_on": "soon"}, "This is no date. Please write it as 2027-04-12."),
        ("", {"approved_on": "2026-03-31"}, "It has to be approved before it is used. Please check both days."),
    ],
)
def test_what_speaks_against_it_is_said_and_nothing_is_released(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID, question: str, fields: dict[str, str], says: str
):
    page = taken_in(trial, builder, amendment() + question)
    with doors.as_(manager) as http:
        answer = released(http, page, **fields)
        listed = http.get("/protocol").text

    assert answer.status_code == 422
    assert says in answer.text
    assert "Not released for any site of yours." in listed


def test_a_visit_that_the_file_forgets_is_told_before_anybody_presses_anything(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID
):
    page = taken_in(trial, builder, amendment(table=TABLE.replace("fu_6mo: drop, ", "")))
    with doors.as_(manager) as http:
        shown = http.get(f"{page}?site=417").text

    assert "“fu_6mo” is not there any more: the study file has to say what became of it." in shown


def test_whoever_took_it_in_sees_no_form_to_release_it(doors: Doors, trial: Trial, builder: UUID, manager: UUID):
    page = taken_in(trial, builder, amendment())
    with doors.as_(builder) as own, doors.as_(manager) as other:
        shown = [f'action="{page}/release"' in http.get(page).text for http in (own, other)]

    assert shown == [False, True]


def withdrawn(http: httpx.Client, page: str, reason: str) -> httpx.Response:
    fields = {"csrf": csrf_in(http.get("/me")), "site": "417", "reason": reason}
    return http.post(f"{page}/withdraw", data=fields, headers=HERE)


def test_a_release_that_was_a_mistake_is_taken_back_before_its_day(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID
):
    patient(trial)
    page = taken_in(trial, builder, amendment())
    with doors.as_(manager) as http:
        released(http, page)
        without = withdrawn(http, page, "")
        answer = withdrawn(http, page, "Approved for another hospital.")
        back, listed = http.get(answer.headers["Location"]).text, http.get("/protocol").text
        again = withdrawn(http, page, "Once more.")

    assert (without.status_code, answer.status_code, again.status_code) == (422, 303, 422)
    assert "Please fill this in." in without.text
    assert "The release was taken back. It stays in the audit trail, with your reason." in back
    assert "Not released for any site of yours." in listed
    assert "This does not stand as it did: see how it stands now." in again.text


def test_a_release_that_plans_somebody_stays(doors: Doors, trial: Trial, builder: UUID, manager: UUID):
    patient(trial)
    page = taken_in(trial, builder, amendment())
    with doors.as_(manager) as http:
        released(http, page)
        before = http.get(f"{page}?site=417").text
    trial.forward_to("2026-04-01 00:30")
    while amend_due(trial.records, trial.studies, **trial.times, limit=20):
        continue
    with doors.as_(manager) as http:
        after, answer = http.get(f"{page}?site=417").text, withdrawn(http, page, "Approved for another hospital.")
        listed = http.get("/protocol").text

    assert ['id="withdraw"' in shown for shown in (before, after)] == [True, False]
    assert answer.status_code == 422
    assert "This does not stand as it did: see how it stands now." in answer.text
    assert "Not released for any site of yours." not in listed


# --- consents ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(trial: Trial, builder: UUID, manager: UUID) -> tuple[str, UUID]:
    """The address of an amendment that moves by consent, in use at 417 since the first of April; and a patient there."""
    who = patient(trial)
    page = taken_in(trial, builder, amendment(table=TABLE.replace("visits_due_after_activation", "after_reconsent")))
    with trial.records.begin() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        row = version_named(tx, study_named(tx, "DREAM"), "2.0")
        wanted = Wanted(row, site, date(2026, 4, 1), date(2026, 2, 1), None, manager)
        release(tx, trial.studies, [wanted], demo=False, **trial.times)
    trial.forward_to("2026-04-10 09:00")
    while amend_due(trial.records, trial.studies, **trial.times, limit=20):
        continue
    return page, who


def consented(http: httpx.Client, who: UUID, page: str, day: str) -> httpx.Response:
    fields = {"csrf": csrf_in(http.get("/me")), "version": page.rpartition("/")[2], "day": day}
    return http.post(f"/patients/{who}/consents", data=fields, headers=HERE)


def test_whose_consent_is_missing_is_listed_until_it_is_recorded(
    doors: Doors, trial: Trial, manager: UUID, asking: tuple[str, UUID]
):
    page, who = asking
    before = trial.tasks(who)
    with doors.as_(manager) as http:
        missing, own = http.get(page).text, http.get(f"/patients/{who}").text
        answer = consented(http, who, page, "2026-04-09")
        done, given = http.get(answer.headers["Location"]).text, http.get(page).text

    assert "0 of 1 have consented." in missing
    assert f'<a href="/patients/{who}#known">417-001</a>' in missing
    assert re.search(r"Consent to version 2.0</th><td>none on record", own)
    assert "fu_8mo/hold" not in before
    assert "The consent was recorded, and the version plans this patient now." in done
    assert re.search(r"Consent to version 2.0</th><td>9 Apr 2026", done)
    assert "Consent to protocol 2.0 on" in done  # the communication log
    assert "fu_8mo/hold" in trial.tasks(who)
    assert "1 of 1 have consented." in given
    assert "#known" not in given


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-04-11", "This day lies in the future."),
        ("1026-04-09", "This year cannot be meant."),
        ("", "Please fill this in."),
        ("soon", "This is no date."),
    ],
)
def test_a_day_that_cannot_be_is_said_and_no_consent_is_recorded(
    doors: Doors, trial: Trial, manager: UUID, asking: tuple[str, UUID], day: str, says: str
):
    page, who = asking
    before = trial.tasks(who)
    with doors.as_(manager) as http:
        answer = consented(http, who, page, day)

    assert (answer.status_code, says in answer.text) == (422, True)
    assert re.search(r"Consent to version 2.0</th><td>none on record", answer.text)
    assert trial.tasks(who) == before


def test_a_consent_that_stands_is_not_overwritten(doors: Doors, manager: UUID, asking: tuple[str, UUID]):
    page, who = asking
    with doors.as_(manager) as http:
        consented(http, who, page, "2026-04-02")
        answer = consented(http, who, page, "2026-04-09")

    assert answer.status_code == 422
    assert "The consent to this version is on record already; it is not overwritten." in answer.text
    assert re.search(r"Consent to version 2.0</th><td>2 Apr 2026", answer.text)


def test_a_version_that_asks_nobody_takes_no_consent(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID, asking: tuple[str, UUID]
):
    _, who = asking
    other = taken_in(trial, builder, amendment(version="3.0", table=TABLE.replace('"2.0"', '"3.0"')))
    with doors.as_(manager) as http:
        answer = consented(http, who, other, "2026-04-09")

    assert (answer.status_code, "Please choose from what there is." in answer.text) == (422, True)


def test_before_its_day_what_moves_by_consent_is_shown_as_if_everybody_had_given_it(
    doors: Doors, trial: Trial, builder: UUID, manager: UUID
):
    who = patient(trial)
    page = taken_in(trial, builder, amendment(table=TABLE.replace("visits_due_after_activation", "after_reconsent")))
    before = trial.tasks(who)
    with doors.as_(manager) as http:
        shown = http.get(f"{page}?site=417&from=2026-04-01").text

    assert "Shown as if every patient had consented by that day: whoever has not stays as they are." in shown
    assert moved(shown)[:2] == [
        "417-001 No consent on record",
        "Follow-up imaging, 6 months | 20 Apr 2026 | – | − withdrawn",
    ]
    assert "0 of 1 have consented." in shown
    assert trial.tasks(who) == before


def test_whoever_stands_for_the_file_is_told_to_find_somebody_else(doors: Doors, trial: Trial, builder: UUID):
    page = taken_in(trial, builder, amendment())
    with doors.as_(builder) as http:
        answer = released(http, page)

    assert answer.status_code == 422
    assert "You stand for this file yourself: a second person has to release it." in answer.text
