"""Holds over HTTP: placed where the thing is shown, said wherever it stands, lifted with a reason, hidden like all else."""

import csv
import io
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from records.plans import TaskRow
from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, csrf_in, doors_of

HERE = {"Sec-Fetch-Site": "same-origin"}
REASON = "The scanner is being replaced"
UNTIL = "2026-04-10"
SAID = f"On hold until 10 Apr 2026: {REASON}, by Manager A"


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial) -> UUID:
    return trial.manager()


@pytest.fixture
def late(trial: Trial) -> TaskRow:
    trial.enrolled("Amina")
    trial.enrolled("Tomoko", site="501")
    trial.patient("501-001", site="501", first_registration="2026-01-12")
    return trial.task(trial.patient("417-001", first_registration="2026-01-12"), "baseline_imaging")


def sent(http: httpx.Client, address: str, **fields: str) -> httpx.Response:
    return http.post(address, data={"csrf": csrf_in(http.get("/me")), **fields}, headers=HERE)


def placed(http: httpx.Client, address: str, **fields: str) -> str:
    """Where the form led to."""
    answer = sent(http, address, until=UNTIL, reason=REASON, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def lifts(answer: httpx.Response) -> list[str]:
    return re.findall(r'action="/holds/([0-9a-f-]{36})/lift"', answer.text)


def test_a_patient_on_hold_is_marked_wherever_their_tasks_stand(doors: Doors, manager, late: TaskRow):
    page = f"/patients/{late.patient_id}"
    with doors.as_(manager) as http:
        back = placed(http, f"{page}/hold")
        shown, listed, rows = http.get(page).text, http.get("/late?site=417").text, http.get("/late?site=501").text
        story = http.get(back).text
        overview = http.get("/").text

    assert back == f"{page}?done=held"
    assert SAID in shown
    assert "on hold until 10 Apr 2026" in shown
    assert "Reminders for this patient are on hold until" in story
    assert SAID in listed
    assert "overdue 49 days" in listed
    assert SAID not in rows
    assert SAID in overview


def test_a_row_on_hold_has_no_button_and_a_nudge_is_refused(doors: Doors, manager, late: TaskRow):
    with doors.as_(manager) as http:
        placed(http, "/sites/417/hold")
        listed = http.get("/late?site=417").text
        nudged = sent(http, f"/late/{late.id}/nudge", back="/late")
        note = http.get(nudged.headers["Location"]).text

    assert f"/late/{late.id}/nudge" not in listed
    assert "Told when the hold ends" in listed
    assert "Nobody was asked: it is on hold." in note


def test_a_kind_of_task_and_the_study_are_put_on_hold_on_the_list_itself(doors: Doors, manager, late: TaskRow):
    with doors.as_(manager) as http:
        placed(http, "/holds", what="upload")
        placed(http, "/holds", what="study")
        listed = http.get("/holds")

    assert "uploads, at every site" in listed.text
    assert "the whole study" in listed.text
    assert len(lifts(listed)) == 2


def test_a_hold_that_is_lifted_stands_below_with_both_reasons(doors: Doors, manager, late: TaskRow):
    with doors.as_(manager) as http:
        placed(http, "/sites/417/hold")
        (hold,) = lifts(http.get("/holds"))
        without = sent(http, f"/holds/{hold}/lift", reason=" ")
        done = sent(http, f"/holds/{hold}/lift", reason="It works again")
        listed = http.get("/holds")
        rows = list(csv.DictReader(io.StringIO(http.get("/holds.csv").text.lstrip("\ufeff"))))
        again = sent(http, f"/holds/{hold}/lift", reason="Once more")

    assert without.status_code == 422
    assert "Please fill this in." in without.text
    assert done.headers["Location"] == "/holds?done=lifted"
    assert "Lifted: It works again" in listed.text
    assert lifts(listed) == []
    assert [(row["scope"], row["site"], row["stands"], row["reason"], row["lifted_because"]) for row in rows] == [
        ("site", "417", "no", REASON, "It works again")
    ]
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("until", "reason", "sentence"),
    [
        ("", REASON, "Please fill this in."),
        ("soon", REASON, "This is no date."),
        ("2026-03-02", REASON, "Please give a day after today."),
        ("2027-03-03", REASON, "Please give a day within a year from today."),
        (UNTIL, "", "Please fill this in."),
        (UNTIL, "Born 12.03.1956, is abroad", "The privacy guard stopped this"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_written(
    doors: Doors, manager, late: TaskRow, until: str, reason: str, sentence: str
):
    with doors.as_(manager) as http:
        answers = [
            sent(http, address, until=until, reason=reason, what="study")
            for address in (f"/patients/{late.patient_id}/hold", "/sites/417/hold", "/holds")
        ]
        listed = http.get("/holds").text

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all(sentence in answer.text for answer in answers)
    assert "Nothing is on hold." in listed


def test_a_site_s_people_see_what_concerns_them_and_can_change_nothing(doors: Doors, manager, late: TaskRow):
    berta, tomoko = doors.trial.enrolled("Berta"), doors.trial.enrolled("Hanako", site="501")
    with doors.as_(manager) as http:
        placed(http, f"/patients/{late.patient_id}/hold")
        (hold,) = lifts(http.get("/holds"))
    with doors.as_(berta) as http:
        here = http.get("/holds").text
        refused = [
            sent(http, address, until=UNTIL, reason=REASON, what="study").status_code
            for address in ("/holds", "/sites/417/hold", f"/patients/{late.patient_id}/hold", f"/holds/{hold}/lift")
        ]
    with doors.as_(tomoko) as http:
        elsewhere = http.get("/holds").text

    assert "417-001" in here
    assert "<form" not in here.split("<main", 1)[1].split("</main>", 1)[0]
    assert refused == [404] * 4
    assert "417-001" not in elsewhere
    assert "Nothing is on hold." in elsewhere


def test_a_hold_that_is_not_there_leads_to_nothing(doors: Doors, manager, late: TaskRow):
    with doors.as_(manager) as http:
        assert sent(http, f"/holds/{uuid4()}/lift", reason="Why").status_code == 404
        assert sent(http, "/holds/x/lift", reason="Why").status_code == 404
        assert sent(http, "/patients/x/hold", until=UNTIL, reason=REASON).status_code == 404
        assert sent(http, "/sites/999/hold", until=UNTIL, reason=REASON).status_code == 404
