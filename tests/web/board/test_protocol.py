"""The protocol's versions over HTTP: what one would move is shown, and a second person releases it."""

import re
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from office.studies import import_document
from scheduler.amending import amend_due
from tests.office.vocabulary import Trial
from tests.released import amendment
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
    assert re.search(r"Follow-up imaging performed <small>fu_8mo</small>.*?20 Jun 2026.*?new", shown, re.DOTALL)
    assert re.search(r"Follow-up imaging performed <small>fu_18mo</small>.*?20 Apr 2027.*?withdrawn", shown, re.DOTALL)
    assert "Not released for any site of yours." in listed
    assert trial.tasks(who) == before


def test_a_second_person_releases_it_and_the_list_says_who(doors: Doors, trial: Trial, builder: UUID, manager: UUID):
    who = patient(trial)
    page = taken_in(trial, builder, amendment())
    with doors.as_(manager) as http:
        answer = released(http, page)
        back = http.get(answer.headers["Location"]).text
        listed = http.get("/protocol").text
    trial.forward_to("2026-04-01 00:30")
    while amend_due(trial.records, trial.studies, **trial.times, limit=20):
        continue

    assert answer.status_code == 303
    assert "Released. From its day on it plans what is due at this site." in back
    assert re.search(
        r"417 Berlin.*?1 Apr 2026.*?waits for its day.*?1 Feb 2026.*?Manager B.*?file: Manager A", listed, re.DOTALL
    )
    assert "fu_8mo/hold" in trial.tasks(who)
    with doors.as_(manager) as http:
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


def test_whoever_stands_for_the_file_is_told_to_find_somebody_else(doors: Doors, trial: Trial, builder: UUID):
    page = taken_in(trial, builder, amendment())
    with doors.as_(builder) as http:
        answer = released(http, page)

    assert answer.status_code == 422
    assert "You stand for this file yourself: a second person has to release it." in answer.text
