"""The pages of what is late and of the scans' way, as people of several roles have them over HTTP."""

import re
from collections.abc import Iterator

import httpx
import pytest

from records.plans import TaskRow
from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, csrf_in, doors_of
from trial.answers import AnswerKind
from trial.people import Role


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def late(trial: Trial) -> TaskRow:
    """A visit at site 417 that is overdue, of which Amina was told; one at site 501."""
    trial.enrolled("Amina")
    tomoko = trial.enrolled("Tomoko", site="501")
    patient = trial.patient("417-001", first_registration="2026-01-12")
    trial.tick()
    other = trial.patient(
        "501-001", site="501", first_registration="2026-01-12", held={"baseline_imaging": "2026-01-12"}
    )
    for task in trial.tasks(other).values():
        if task.kind == "upload" and task.due is not None:
            trial.says(tomoko, task, AnswerKind.UPLOADED, day="2026-01-13")
    return trial.task(patient, "baseline_imaging")


def pressed(http: httpx.Client, page: str, address: str, **fields: str) -> httpx.Response:
    token = csrf_in(http.get("/me"))
    return http.post(address, data={"csrf": token, "back": page, **fields}, headers={"Sec-Fetch-Site": "same-origin"})


def buttons(answer: httpx.Response, what: str) -> list[str]:
    return re.findall(rf'action="/\w+/([0-9a-f-]{{36}})/{what}"', answer.text)


def test_the_list_says_who_where_what_and_since_when(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        answer = http.get("/late")

    for words in ("417-001", "Berlin", "Germany", "Baseline CT and MRI", "overdue 49 days", "Amina", "no answer yet"):
        assert words in answer.text
    assert f'href="/patients/{late.patient_id}"' in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/late?site=999",
        "/late?state=never",
        "/late?country=FR",
        "/late?kind=x",
        "/late?person=x",
        "/uploads?site=999",
        "/uploads?stage=x",
    ],
)
def test_an_address_that_names_what_is_not_there_leads_to_nothing(doors: Doors, late: TaskRow, address: str):
    with doors.as_(doors.trial.manager()) as http:
        assert http.get(address).status_code == 404


def test_a_site_s_people_see_their_own_rows_and_no_button(doors: Doors, late: TaskRow):
    berta = doors.trial.enrolled("Berta", site="501")
    with doors.as_(berta) as http:
        pages = [http.get(address) for address in ("/late", "/late?state=due", "/uploads?stage=all", "/")]
        foreign = http.get("/late?site=417")

    assert all(answer.status_code == 200 for answer in pages)
    assert not any("417-001" in answer.text for answer in pages)
    assert not any(buttons(answer, what) for answer in pages for what in ("nudge", "verify", "query"))
    assert foreign.status_code == 404


def test_an_administrator_sees_no_patient(doors: Doors, late: TaskRow):
    administrator = doors.trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)
    with doors.as_(administrator) as http:
        assert [http.get(address).status_code for address in ("/late", "/uploads")] == [404, 404]
        assert "417-001" not in http.get("/").text


# --- nudge ------------------------------------------------------------------------------------------------------------


def test_a_nudge_is_sent_and_the_page_says_to_whom(doors: Doors, late: TaskRow):
    amina = next(one.person_id for one in doors.trial.reminders(task_id=late.id))
    doors.trial.says(amina, late, AnswerKind.LATER, until="2026-03-09")
    doors.trial.wait(minutes=1)
    with doors.as_(doors.trial.manager()) as http:
        assert buttons(http.get("/late"), "nudge")
        answer = pressed(http, "/late?site=417", f"/late/{late.id}/nudge")
        shown = http.get(answer.headers["Location"])

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/late?site=417&done=asked&task={late.id}"
    assert "Amina is asked again now." in shown.text
    assert [one.state for one in doors.trial.reminders(step="nudge")] == ["grouped"]


def test_a_nudge_that_cannot_be_says_why(doors: Doors, late: TaskRow):
    amina = next(one.person_id for one in doors.trial.reminders(task_id=late.id))
    doors.trial.says(amina, late, AnswerKind.LATER, until="2026-03-09")
    doors.trial.wait(minutes=1)
    with doors.as_(doors.trial.manager()) as http:
        pressed(http, "/late", f"/late/{late.id}/nudge")
        shown = http.get(pressed(http, "/", f"/late/{late.id}/nudge").headers["Location"])

    assert shown.url.path == "/"
    assert "was nudged today already" in shown.text


def test_a_nudge_never_leads_elsewhere(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        token = csrf_in(http.get("/late"))
        for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", ""):
            answer = http.post(f"/late/{late.id}/nudge", data={"csrf": token, "back": back})
            assert answer.headers["Location"].startswith("/late?")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR])
def test_nobody_else_nudges(doors: Doors, late: TaskRow, role: Role):
    somebody = doors.trial.enrolled("Clara", role=role)
    with doors.as_(somebody) as http:
        token = csrf_in(http.get("/me"))
        answer = http.post(f"/late/{late.id}/nudge", data={"csrf": token, "back": "/late"})

    assert answer.status_code == 404
    assert doors.trial.reminders(step="nudge") == []


def test_a_form_from_elsewhere_nudges_nobody(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        token = csrf_in(http.get("/late"))
        forged = http.post(
            f"/late/{late.id}/nudge", data={"csrf": token, "back": "/late"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        guessed = http.post(f"/late/{late.id}/nudge", data={"csrf": "0" * 64, "back": "/late"})

    assert [forged.status_code, guessed.status_code] == [403, 403]
    assert doors.trial.reminders(step="nudge") == []


# --- claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_is_verified_and_waits_no_more(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        before = buttons(http.get("/uploads"), "verify")
        answer = pressed(http, "/uploads", f"/uploads/{before[0]}/verify")
        after = http.get(answer.headers["Location"])

    assert answer.headers["Location"] == "/uploads?done=verified"
    assert "Verified. Nobody is asked about it any more." in after.text
    assert buttons(after, "verify") == before[1:]


def test_a_site_is_queried_in_words(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        (first, *_) = buttons(http.get("/uploads"), "query")
        answer = pressed(http, "/uploads", f"/uploads/{first}/query", words="The second series is missing")
        after = http.get("/uploads?stage=queried")

    assert answer.headers["Location"] == "/uploads?done=queried"
    assert "“The second series is missing”" in after.text


def test_words_that_the_guard_stops_are_refused_beside_their_field_and_not_said_back(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        (first, *_) = buttons(http.get("/uploads?site=501"), "query")
        answer = pressed(http, "/uploads?site=501", f"/uploads/{first}/query", words="born 12 March 1961")

    assert answer.status_code == 422
    assert f'aria-describedby="wrong-{first}"' in answer.text
    assert "1961" not in answer.text
    assert doors.trial.audited("claim.queried") == []


def test_what_was_verified_before_is_said_to_be_closed(doors: Doors, late: TaskRow):
    with doors.as_(doors.trial.manager()) as http:
        (first, *_) = buttons(http.get("/uploads"), "verify")
        pressed(http, "/uploads", f"/uploads/{first}/verify")
        answer = pressed(http, "/uploads", f"/uploads/{first}/verify")

    assert answer.headers["Location"] == "/uploads?done=closed"


def test_a_monitor_looks_and_checks_nothing(doors: Doors, late: TaskRow):
    monitor = doors.trial.enrolled("Monitor A", site="501", role=Role.MONITOR)
    with doors.as_(doors.trial.manager()) as http:
        (first, *_) = buttons(http.get("/uploads"), "verify")
    with doors.as_(monitor) as http:
        shown = http.get("/uploads")
        token = csrf_in(http.get("/me"))
        answers = [
            http.post(f"/uploads/{first}/{what}", data={"csrf": token, "back": "/uploads"})
            for what in ("verify", "query")
        ]

    assert "501-001" in shown.text
    assert buttons(shown, "verify") == []
    assert [answer.status_code for answer in answers] == [404, 404]
