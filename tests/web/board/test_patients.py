"""The pages about patients over HTTP: who sees whom, what a form refuses and where, and the log as an inspector reads it."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from records.plans import TaskRow
from tests.office.test_story import Line
from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, csrf_in, doors_of
from trial.answers import AnswerKind
from trial.people import Role
from trial.tasks import TaskState

TOLD = {"told_by": "Study nurse", "via": "phone", "told_on": "2026-03-03", "words": ""}
HELD = {"what": "done", "day": "2026-02-20", **TOLD}


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def task(trial: Trial, manager) -> TaskRow:
    """A visit at site 417 that is late, of which Amina was told; a patient at site 501."""
    amina = trial.enrolled("Amina")
    line = Line(trial)
    line.delivers("a welcome")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.delivers("🔔 Site 417\nWas it <done>?", stands_at=70)
    task = trial.task(patient, "baseline_imaging")
    trial.shows_card(amina, task.visit_id, message_id=70)
    trial.says(amina, task, AnswerKind.BOOKED, day="2026-03-10")
    line.delivers("📌 booked for Tue 10 Mar", stands_at=70)
    return task


def posted(http: httpx.Client, page: str, address: str, **fields: str) -> httpx.Response:
    token = csrf_in(http.get(page))
    return http.post(address, data={"csrf": token, **fields}, headers={"Sec-Fetch-Site": "same-origin"})


def text_of(answer: httpx.Response) -> str:
    """The words of a page in their order, as somebody reads them."""
    body = re.sub(r"<(head|script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def wrong_at(answer: httpx.Response, field: str) -> str:
    """The sentence that describes a field which is marked as wrong."""
    found = re.search(rf'name="{re.escape(field)}"[^>]*aria-describedby="([^"]+)"', answer.text)
    assert found is not None, f"{field} is not marked"
    [sentence] = re.findall(rf'id="{re.escape(found[1])}">([^<]+)<', answer.text)
    return unescape(sentence)


# --- the grid ---------------------------------------------------------------------------------------------------------


def test_the_grid_says_each_state_in_a_word_and_leads_to_the_visit(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        answer = http.get("/patients")

    said = text_of(answer)
    for words in ("2 of 2 patients", "417-001", "417 Berlin", "Baseline CT and MRI", "○ due", "1 d late", "· not yet"):
        assert words in said
    assert f'href="/patients/{task.patient_id}#visit-{task.visit_id}"' in answer.text


@pytest.mark.parametrize(
    "asked", ["site=999", "country=FR", "state=gone", "page=0", "page=x", "page=%C2%B2", "page=99999999"]
)
def test_a_grid_that_there_is_not_leads_to_nothing(doors: Doors, manager, task: TaskRow, asked: str):
    with doors.as_(manager) as http:
        assert http.get(f"/patients?{asked}").status_code == 404
        assert http.get(f"/patients.csv?{asked}").status_code == 404


def test_people_of_a_site_see_their_own_patients_on_every_page_and_in_every_file(doors: Doors, manager, task: TaskRow):
    tomoko = doors.trial.enrolled("Tomoko", site="501")
    with doors.as_(tomoko) as http:
        own, file = http.get("/patients"), http.get("/patients.csv")
        elsewhere = [
            http.get(address).status_code
            for address in (
                "/patients?site=417",
                "/patients.csv?site=417",
                f"/patients/{task.patient_id}",
                f"/patients/{task.patient_id}/log.csv",
                "/patients/new",
                "/patients/table",
                "/patients/nobody",
            )
        ]
        forms = [
            posted(http, "/me", address, **fields).status_code
            for address, fields in (
                (f"/patients/{task.patient_id}/tasks/{task.id}/answers", HELD),
                (f"/patients/{task.patient_id}/events", {"event": "surgery", "day": "2026-03-03"}),
                (f"/patients/{task.patient_id}/facts", {"fact": "lesion_left_in_place:yes"}),
                ("/patients/new", {"site": "501", "code": "501-002"}),
                ("/patients/table", {"table": "site,code\n501,501-002", "step": "write"}),
            )
        ]

    assert "501-001" in own.text
    assert "417-001" not in own.text + file.text
    assert set(elsewhere) == set(forms) == {404}


def test_the_file_of_the_grid_has_a_row_for_each_visit(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        answer = http.get("/patients.csv?site=417")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    [baseline] = [row for row in rows if row["visit"] == "baseline_imaging"]
    assert {row["patient"] for row in rows} == {"417-001"}
    assert (baseline["state"], baseline["note"], baseline["days_late"]) == ("due", "late", "1")


# --- the patient and the log ------------------------------------------------------------------------------------------


def test_a_timeline_has_a_row_for_each_kind_of_visit_and_shows_what_is_not_certain(
    doors: Doors, manager, task: TaskRow
):
    with doors.as_(manager) as http:
        answer = http.get(f"/patients/{task.patient_id}")
    wide, narrow = re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)

    for drawn in (wide, narrow):
        assert drawn.count(">Follow-up imaging, 6–24 months<") == 1
        assert len(re.findall(r"stroke-dasharray=\"3,2\"", drawn)) == 4  # whether they take place, nobody knows yet
    assert "var(--due)" in wide


def test_the_log_reads_like_a_story_that_an_inspector_can_follow(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        page = f"/patients/{task.patient_id}"
        answered = posted(http, page, f"{page}/tasks/{task.id}/answers", **HELD)
        answer = http.get(answered.headers["Location"])
    said = text_of(answer)

    story = [
        "Communication log",
        "Monday, 2 March 2026",
        "09:10 • changed: The patient was added, planned by protocol 1.1",
        "First registration: took place on Mon, 2 Mar 2026",
        "Tuesday, 3 March 2026",
        "10:05 → sent: Reminder (Late) to Amina ✓ arrived Baseline CT and MRI",
        "🔔 Site 417 Was it <done>? Done Later exactly as sent, in English",
        "1 later version of this message",
        "📌 booked for Tue 10 Mar",
        "10:10 ← said: booked for Tue, 10 Mar 2026, outside the window Amina · by button · Baseline CT and MRI",
        "10:10 • changed: For the trial office: day outside the window",
        "10:15 ← said: done on Fri, 20 Feb 2026 Study nurse by phone, Tue, 3 Mar 2026 · taken down by Manager A",
        "10:15 • changed: The plan follows: 2 moved",
    ]
    places = [said.find(words) for words in story]
    assert -1 not in places, story[places.index(-1)]
    # Later versions stand under their message, so that the answer between them comes after.
    assert places == sorted(places)


def test_the_log_as_a_file_has_every_attempt_with_its_exact_text(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        answer = http.get(f"/patients/{task.patient_id}/log.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    told = [(row["who"], row["outcome"], row["language"], row["text"]) for row in rows if row["kind"] == "told"]
    assert told == [
        ("Amina", "accepted", "en", "🔔 Site 417\nWas it <done>?"),
        ("Amina", "accepted", "en", "📌 booked for Tue 10 Mar"),
    ]
    assert "417" not in answer.headers["Content-Disposition"]
    [noted] = doors.trial.audited("list.exported")
    assert noted.actor == str(manager)


def test_an_auditor_reads_all_of_it_and_changes_nothing(doors: Doors, task: TaskRow):
    auditor = doors.trial.enrolled("Auditor A", site=None, role=Role.AUDITOR)
    with doors.as_(auditor) as http:
        answer = http.get(f"/patients/{task.patient_id}")
        refused = posted(http, "/me", f"/patients/{task.patient_id}/tasks/{task.id}/answers", **HELD)

    assert "Was it &lt;done&gt;?" in answer.text
    assert "<form" not in answer.text.partition("<main")[2]
    assert refused.status_code == 404
    assert doors.trial.task(task.patient_id, "baseline_imaging").state is TaskState.OPEN


# --- an answer by phone -----------------------------------------------------------------------------------------------


def test_what_was_told_by_phone_is_recorded_and_shown(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        page = f"/patients/{task.patient_id}"
        answer = posted(http, page, f"{page}/tasks/{task.id}/answers", **HELD)
        shown = http.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?done=answer")
    assert "The answer was taken down." in text_of(shown)
    assert doors.trial.task(task.patient_id, "baseline_imaging").state is TaskState.DONE


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"what": ""}, "what", "Please fill this in."),
        ({"what": "nonsense"}, "what", "Please fill this in."),
        ({"day": ""}, "day", "Please fill this in."),
        ({"day": "20.02.2026"}, "day", "This is no date. Please write it as 2027-04-12."),
        ({"day": "2026-03-04"}, "day", "This day lies in the future."),
        ({"day": "2025-01-01"}, "day", "The day lies before the registration"),
        ({"told_by": " "}, "told_by", "Please fill this in."),
        ({"told_by": "+49 30 1234567"}, "told_by", "The privacy guard stopped this"),
        ({"told_on": "2026-03-04"}, "told_on", "This day lies in the future."),
        ({"via": "fax"}, "via", "Please fill this in."),
        ({"what": "not_done:*"}, "words", "Please fill this in."),
    ],
)
def test_each_refusal_is_a_sentence_at_its_field(doors: Doors, manager, task: TaskRow, given, field, sentence):
    with doors.as_(manager) as http:
        page = f"/patients/{task.patient_id}"
        answer = posted(http, page, f"{page}/tasks/{task.id}/answers", **(HELD | given))

    assert answer.status_code == 422
    assert wrong_at(answer, field).startswith(sentence)
    assert len(doors.trial.audited("answer.recorded")) == 1  # what was there before


def test_a_form_that_comes_from_elsewhere_changes_nothing(doors: Doors, manager, task: TaskRow):
    with doors.as_(manager) as http:
        address = f"/patients/{task.patient_id}/tasks/{task.id}/answers"
        token = csrf_in(http.get(f"/patients/{task.patient_id}"))
        answers = [
            http.post(address, data=HELD, headers={"Sec-Fetch-Site": "same-origin"}),
            http.post(address, data={**HELD, "csrf": token}, headers={"Sec-Fetch-Site": "cross-site"}),
        ]

    assert {answer.status_code for answer in answers} == {403}
    assert doors.trial.task(task.patient_id, "baseline_imaging").state is TaskState.OPEN


# --- corrections and new patients -------------------------------------------------------------------------------------


def test_a_correction_asks_for_its_reason_and_then_stands_in_the_log(doors: Doors, manager, task: TaskRow):
    page = f"/patients/{task.patient_id}"
    dated = {"event": "first_registration", "certainty": "happened", "day": "2026-02-27"}
    with doors.as_(manager) as http:
        refused = posted(http, page, f"{page}/events", **dated, reason="")
        done = posted(http, page, f"{page}/events", **dated, reason="The form had another day.")
        said = text_of(http.get(page))

    assert wrong_at(refused, "reason") == "A date or value stands already: please say why it changes."
    assert done.headers["Location"] == f"{page}?done=event"
    assert "First registration: took place on Fri, 27 Feb 2026 (before: Mon, 2 Mar 2026) Manager A" in said
    assert "Reason: The form had another day." in said


def test_an_answer_is_taken_back_with_its_reason(doors: Doors, manager, task: TaskRow):
    page = f"/patients/{task.patient_id}"
    with doors.as_(manager) as http:
        [address] = re.findall(r'action="([^"]+/take-back)"', http.get(page).text)
        refused = posted(http, page, address, reason=" ")
        done = posted(http, page, address, reason="Booked for another patient.")
        said = text_of(http.get(done.headers["Location"]))

    assert wrong_at(refused, "reason") == "Please fill this in."
    assert "taken back: “booked for Tue, 10 Mar 2026, outside the window” Manager A · on the board" in said
    assert "Reason: Booked for another patient." in said


def test_a_patient_is_added_with_what_has_happened_so_far(doors: Doors, manager, task: TaskRow):
    new = {"site": "417", "code": "417-002", "event:first_registration": "2026-02-16", "held:baseline_imaging": ""}
    with doors.as_(manager) as http:
        answer = posted(http, "/patients/new", "/patients/new", **new)
        said = text_of(http.get(answer.headers["Location"]))

    assert answer.status_code == 303
    assert "417-002" not in answer.headers["Location"]
    assert "The patient was added and planned." in said
    assert "417-002" in said


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"site": ""}, "site", "Please fill this in."),
        ({"code": "Smith"}, "code", "This is no code of this study; codes have the form 000-000."),
        ({"code": "417-001"}, "code", "There is a patient of this code already."),
        ({"event:first_registration": ""}, "event:first_registration", "Please fill this in."),
        ({"event:surgery": "2026-02-01"}, "event:surgery", "The day lies before First registration"),
        ({"held:fu_6mo": "2026-02-20"}, "held:fu_6mo", "This visit is not open for this patient."),
    ],
)
def test_each_problem_of_a_new_patient_stands_at_its_field(
    doors: Doors, manager, task: TaskRow, given, field, sentence
):
    new = {"site": "417", "code": "417-002", "event:first_registration": "2026-02-16"} | given
    with doors.as_(manager) as http:
        answer = posted(http, "/patients/new", "/patients/new", **new)

    assert answer.status_code == 422
    assert wrong_at(answer, field).startswith(sentence)


def test_a_table_is_looked_at_before_it_is_written(doors: Doors, manager, task: TaskRow):
    head, good = "site,code,event:first_registration", "417,417-002,2026-02-16"
    with doors.as_(manager) as http:
        wrong = posted(http, "/patients/table", "/patients/table", table=f"{head}\n{good}\n417,Smith,", step="check")
        right = posted(http, "/patients/table", "/patients/table", table=f"{head}\n{good}", step="check")
        nothing = text_of(http.get("/patients"))
        written = posted(http, "/patients/table", "/patients/table", table=f"{head}\n{good}", step="write")
        again = posted(http, "/patients/table", "/patients/table", table=f"{head}\n{good}", step="write")
        all_of_them = text_of(http.get(written.headers["Location"]))

    said = text_of(wrong)
    assert wrong.status_code == 422
    assert "2 problems; nothing was written" in said
    assert "Line 3 event:first_registration Please fill this in." in said
    assert "Line 3 code This is no code of this study" in said
    assert "Write 1 row" in text_of(right)
    assert "417-002" not in nothing
    assert written.status_code == 303
    assert "417-002" in all_of_them
    assert "There is a patient of this code already." in text_of(again)


def test_a_large_table_fits_and_one_that_is_too_large_is_no_form(doors: Doors, manager, task: TaskRow):
    rows = "\n".join(f"417,417-{number:03},2026-02-16" for number in range(100, 600))
    with doors.as_(manager) as http:
        fits = posted(
            http,
            "/patients/table",
            "/patients/table",
            table=f"site,code,event:first_registration\n{rows}",
            step="check",
        )
        huge = posted(http, "/patients/table", "/patients/table", table="x" * 600_000, step="check")

    assert "500 patients can be added" in text_of(fits)
    assert huge.status_code == 403
