"""Taking in a study file on the board: every problem at once, nothing kept of what is refused, and a version that waits."""

import base64
import re
from collections.abc import Iterator
from html import unescape
from uuid import UUID

import httpx
import pytest

from office.given_files import LARGEST_BYTES
from office.study_files import study_from_text
from records import studies
from tests.app.homes import contents
from tests.office.vocabulary import Trial
from tests.released import amendment
from tests.web.board.doors import Doors, csrf_in, doors_of

HERE = {"Sec-Fetch-Site": "same-origin"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
TABLE = """\
Visit,When,Window
Baseline,Day 0,
Week 4,Day 28,±3d
"""


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial) -> UUID:
    return trial.manager("Manager A")


def gives(
    http: httpx.Client, content: str | bytes, *, name: str = "two.yaml", step: str = "take-in", **fields: str
) -> httpx.Response:
    sent = {"csrf": csrf_in(http.get("/me")), "step": step, **fields}
    body = content if isinstance(content, bytes) else content.encode()
    return http.post("/protocol/new", data=sent, files={"file": (name, body)}, headers=HERE)


def empty_form(csrf: str) -> str:
    """What a browser sends where no file was chosen."""
    return (
        f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n"
    )


def problems(page: str) -> list[tuple[str, ...]]:
    """Where, what is wrong, what would be right."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", page, re.DOTALL)
    return [tuple(unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)) for row in rows]


def kept(trial: Trial) -> dict[str, object]:
    """Everything in the records but sessions: each look lengthens them."""
    return {table: rows for table, rows in contents(trial.records).items() if table != "session"}


def test_it_stands_as_a_version_that_waits_for_a_second_person(doors: Doors, trial: Trial, manager: UUID):
    with doors.as_(manager) as http:
        answer = gives(http, amendment())
        page = http.get(answer.headers["Location"]).text
        listed = http.get("/protocol").text
    with trial.records.read() as tx:
        row = studies.versions(tx, studies.studies(tx)[0].id)[-1]

    assert answer.status_code == 303
    assert "Taken in. It rings nobody until a second person has looked at its dates" in page
    assert "You took this file in: a second person looks at its dates and releases it." in page
    assert re.search(r"<h2 id=\"dates\">.*?Follow-up imaging, 4 months", page, re.DOTALL)
    assert re.search(r"Version 2.0</a>.*?, Manager A.*?Not released for any site of yours.", listed, re.DOTALL)
    assert (row.version, row.document, row.imported_by) == ("2.0", amendment(), manager)


def test_its_bytes_are_kept_as_they_were_and_its_entry_is_that_of_the_command(
    doors: Doors, trial: Trial, manager: UUID
):
    lines = amendment().replace("\n", "\r\n")
    with doors.as_(manager) as http:
        gives(http, b"\xef\xbb\xbf" + lines.encode())
    with trial.records.read() as tx:
        row = studies.versions(tx, studies.studies(tx)[0].id)[-1]

    assert row.document == lines
    entry = trial.audited("study.imported")[-1]
    assert (entry.actor, entry.object_id) == (str(manager), str(row.id))


def test_every_problem_is_told_with_its_line_and_nothing_is_kept(doors: Doors, trial: Trial, manager: UUID):
    wrong = amendment().replace("every 4mo until 24mo", "every fortnight").replace("ends: all", "ends: <b>")
    with doors.as_(manager) as http:
        http.get("/protocol/new")
        before = kept(trial)
        answer = gives(http, wrong)
        after = kept(trial)
    told = problems(answer.text)

    assert answer.status_code == 422
    assert "4 problems; nothing was written" in answer.text
    assert all(re.fullmatch(r"two.yaml line \d+, [\w.\[\]]+", where) for where, _, _ in told)
    assert told[0][1:] == ("'<b>' is not known", "valid: all, visits")
    assert told[-1][1:] == ("'every fortnight' is no repeat", "write such as every 3mo until 24mo")
    assert "<b>" not in answer.text
    assert after == before


def test_it_can_be_checked_without_keeping_anything(doors: Doors, trial: Trial, manager: UUID):
    asked = "questions:\n  - {id: imaging, about: fu, ask: From surgery or from the first scan}\n"
    with doors.as_(manager) as http:
        http.get("/protocol/new")
        before = kept(trial)
        answer = gives(http, amendment() + asked, step="check")
        after = kept(trial)

    assert answer.status_code == 200
    assert "two.yaml is right as a study file; nothing was written" in answer.text
    assert "From surgery or from the first scan" in answer.text
    assert after == before


@pytest.mark.parametrize("step", ["check", "take-in"])
@pytest.mark.parametrize(
    ("document", "says"),
    [
        (amendment().replace("id: DREAM", "id: OTHER"), "This is a file of the study “OTHER”."),
        (amendment(version="1.1", table=""), "Version 1.1 is in the records with another content."),
    ],
    ids=["another study", "another content"],
)
def test_what_belongs_elsewhere_or_has_no_version_of_its_own_is_refused(
    doors: Doors, manager: UUID, step: str, document: str, says: str
):
    with doors.as_(manager) as http:
        answer = gives(http, document, step=step)
    (where, what, _), *more = problems(answer.text)

    assert (answer.status_code, more) == (422, [])
    assert re.fullmatch(r"two.yaml line \d+, study.(id|version)", where)
    assert says in what


def test_the_same_file_is_taken_in_once(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        first, second = gives(http, amendment()), gives(http, amendment(), name="again.yml")
        page = http.get(second.headers["Location"]).text

    assert second.headers["Location"] == first.headers["Location"].replace("taken-in", "there")
    assert "This very file was in the records already; nothing was changed." in page


@pytest.mark.parametrize("step", ["check", "take-in"])
def test_another_format_becomes_a_draft_to_download_and_is_never_taken_in(
    doors: Doors, trial: Trial, manager: UUID, step: str
):
    with doors.as_(manager) as http:
        http.get("/protocol/new")
        before = kept(trial)
        answer = gives(http, TABLE, name="schedule.csv", step=step)
        after = kept(trial)
    link = re.search(r'href="data:application/yaml;base64,([^"]+)" download="([^"]+)"', answer.text)

    assert answer.status_code == 200
    assert link is not None
    assert link[2] == "schedule.yaml"
    assert study_from_text(base64.b64decode(unescape(link[1])).decode(), "draft").id
    assert after == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("two.yaml", b"\xff\xfe", "the file is not UTF-8"),
        ("two.yaml", b"", "the file is empty"),
        ("two.yaml", b"x" * 500_001, "the file is larger than 500 kB"),
        ("plan.pdf", b"%PDF-1.7", "this is in no format that can be imported"),
        ("plan.xlsx", b"no workbook", "its name says that it is a workbook, and its content is not"),
        ("<i>.json", b"{}", "there is no study in it"),
    ],
)
def test_what_is_no_study_file_is_refused_with_its_reason(
    doors: Doors, manager: UUID, name: str, content: bytes, says: str
):
    with doors.as_(manager) as http:
        answer = gives(http, content, name=name)

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert "<i>" not in answer.text


def test_no_file_and_one_that_is_too_large_are_told_at_the_field(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        nothing = http.post(
            "/protocol/new", content=empty_form(csrf_in(http.get("/me"))), headers={**HERE, **MULTIPART}
        )
        large = gives(http, b"x" * (LARGEST_BYTES + 5_000))

    assert [answer.status_code for answer in (nothing, large)] == [422, 422]
    assert '<p class="wrong" id="file-wrong">Please fill this in.</p>' in nothing.text
    assert '<p class="wrong" id="file-wrong">The file is larger than 12 MB.</p>' in large.text


def test_a_form_of_somebody_elses_page_is_not_taken(doors: Doors, trial: Trial, manager: UUID):
    with doors.as_(manager) as http:
        forged = gives(http, amendment(), csrf="0" * 64)
        csrf = csrf_in(http.get("/me"))
        elsewhere = http.post(
            "/protocol/new",
            data={"csrf": csrf, "step": "take-in"},
            files={"file": ("two.yaml", amendment().encode())},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        plain = http.post("/protocol/new", data={"csrf": csrf, "step": "take-in"}, headers=HERE)
        listed = http.get("/protocol").text

    assert {answer.status_code for answer in (forged, elsewhere, plain)} == {403}
    assert "Version 2.0" not in listed
