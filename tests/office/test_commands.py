"""The commands of the trial office, as somebody types them, on a real database."""

import csv
import io
from datetime import UTC, datetime

import pytest

from app import main
from office.inviting import invite
from office.people_list import everybody
from office.studies import import_study
from scheduler.clock import SystemClock
from tests.app.homes import in_use
from tests.databases import Place
from tests.office.vocabulary import DREAM
from trial.moments import instant
from trial.people import Role

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MANAGER = "Manager A"
SITE = ("site", "add", "--by", MANAGER, "--number", "417", "--name", "Osaka", "--country", "JP", "--zone", "Asia/Tokyo")


@pytest.fixture
def sitebell(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs a command and gives its exit code, what it printed, and what it said beside."""
    monkeypatch.setenv("SITEBELL_DATABASE_URL", sqlcipher_place.url)
    monkeypatch.setenv("SITEBELL_DATA_DIR", str(sqlcipher_place.data_dir))
    monkeypatch.setenv("SITEBELL_KEY", sqlcipher_place.keys.text)
    records = sqlcipher_place.open()
    clock = SystemClock()
    times = {"now": clock.now(), "elapsed": clock.elapsed()}
    import_study(records, DREAM, by=None, **times)
    invite(records, study_code=None, site_number=None, role=Role.MANAGER, name=MANAGER, language="en", by=None, **times)
    records.close()

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["sitebell", *words])
        try:
            main.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_site_a_patient_and_what_was_said_about_it(sitebell, sqlcipher_place: Place):
    assert sitebell(*SITE, "--disclosure", "code")[0] == 0
    in_use(sqlcipher_place)
    assert (
        sitebell("patient", "add", "--site", "417", "--code", "417-001", "--event", "first_registration=2026-03-02")[0]
        == 0
    )
    assert (
        sitebell("patient", "event", "--code", "417-001", "--event", "second_registration", "--planned", "2026-06-08")[
            0
        ]
        == 0
    )
    assert sitebell("patient", "fact", "--code", "417-001", "--fact", "lesion_left_in_place", "--value", "no")[0] == 0

    code, out, _ = sitebell("export", "answers")

    assert code == 0
    assert list(csv.DictReader(io.StringIO(out))) == []
    assert "DREAM  417  Osaka  JP  Asia/Tokyo  code, chosen by Manager A  rings from" in sitebell("site", "list")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            (*SITE, "--disclosure", "code", "--rings-from", "soon"),
            "rings-from: 'soon' is no date; write it as 2026-03-02.",
        ),
        ((*SITE[:-1], "Asia/Tokio", "--disclosure", "code"), "'Asia/Tokio' is not known; did you mean Asia/Tokyo"),
        (("patient", "add", "--site", "9", "--code", "417-001", "--event", "first_registration"), "is no assignment"),
        (("patient", "add", "--site", "9", "--code", "417-001", "--event", "surgery=x"), "'x' is no date"),
        (("patient", "event", "--code", "417-001", "--event", "surgery"), "give either --happened or --planned"),
        (("export", "answers", "--study", "DREEM"), "did you mean DREAM"),
        (("invite", "--name", "Coordinator A", "--role", "boss", "--site", "417"), "role: 'boss' is not known"),
        (("invite", "--name", "Coordinator A", "--language", "xx", "--site", "417"), "language: 'xx' is not known"),
        (("invite", "--name", "Coordinator A", "--functions", "tea", "--site", "417"), "functions: 'tea' is not known"),
        (("revoke", "--name", "Coordinator A"), "nobody of this name has access there"),
    ],
)
def test_what_was_typed_wrongly_gets_one_sentence_and_exit_code_2(sitebell, words, sentence):
    code, out, err = sitebell(*words)

    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err
    assert "417-001" not in err


def test_a_site_that_nobody_can_answer_for_yet_says_whom_to_invite_first(sitebell):
    sitebell("revoke", "--name", MANAGER)

    code, out, err = sitebell(*SITE, "--disclosure", "code")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        (
            "name: nobody of this name has access there; invite a manager first: "
            "sitebell invite --role manager --name NAME --zone ZONE --country COUNTRY."
        )
    ]
    assert "There are no sites yet" in sitebell("site", "list")[1]


def test_an_invitation_is_a_link_and_a_code_to_scan(sitebell, monkeypatch, sqlcipher_place: Place):
    monkeypatch.setattr("app.wiring.Office.bot_username", "sitebell_test_bot")
    sitebell(*SITE, "--disclosure", "code")

    code, out, _ = sitebell(
        "invite", "--role", "coordinator", "--site", "417", "--name", "Coordinator A", "--language", "ja",
        "--functions", "imaging,coordination",
    )  # fmt: skip

    link, _, rest = out.partition("\n")
    assert code == 0
    assert link.startswith("https://t.me/sitebell_test_bot?start=")
    assert len(link.partition("start=")[2]) == 32
    assert "▄" in rest
    assert "Good once, until" in rest
    assert "Coordinator A  coordinator  site 417  ja  invited  coordination, imaging\n" in sitebell("people", "list")[1]
    records = sqlcipher_place.open()
    found = everybody(records, study_code="DREAM", now=instant(NOW))
    assert sorted(person.name for person in found) == ["Coordinator A", MANAGER]
    records.close()


def test_without_the_bots_name_nobody_is_invited(sitebell):
    sitebell(*SITE, "--disclosure", "code")

    code, _, err = sitebell("invite", "--site", "417", "--name", "Coordinator A")

    assert code == 2
    assert "SITEBELL_TELEGRAM_TOKEN: is not set" in err
    assert "Coordinator A" not in sitebell("people", "list")[1]


def test_an_export_goes_to_a_new_file_of_its_owner_alone(sitebell, tmp_path):
    out = tmp_path / "answers.csv"

    assert sitebell("export", "answers", "--out", str(out))[0] == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text(encoding="utf-8").startswith("study,site,patient,")
    code, _, err = sitebell("export", "answers", "--out", str(out))
    assert code == 2
    assert "the file is there already" in err
