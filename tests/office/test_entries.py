from datetime import date
from pathlib import Path

import pytest

from office.sites import add_site, all_sites
from office.studies import import_document, import_study
from records import patients
from tests.office.vocabulary import DREAM, Trial
from trial.problems import ProblemError
from trial.tasks import TaskState

SITE = {
    "study_code": "DREAM",
    "number": "777",
    "name": "Lyon",
    "country": "FR",
    "zone_name": "Europe/Paris",
    "disclosure": "code",
}


def nobody_was_added(trial: Trial) -> bool:
    with trial.records.read() as tx:
        return patients.patients(tx) == ()


# --- studies ----------------------------------------------------------------------------------------------------------


def test_a_version_is_imported_once(trial: Trial):
    again = import_study(trial.records, DREAM, **trial.stamp)

    assert not again.new
    assert again.study.id == "DREAM"


def test_a_changed_file_needs_a_version_of_its_own(trial: Trial):
    changed = DREAM.read_text(encoding="utf-8") + "\n# one more line\n"

    with pytest.raises(ProblemError, match=r"version 1\.1 of DREAM is in the records with another content"):
        import_document(trial.records, changed, "dream.yaml", **trial.stamp)


def test_a_bad_file_is_refused_whole(trial: Trial, tmp_path: Path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("format: visitplan/9\n", encoding="utf-8")

    with pytest.raises(ProblemError, match=r"bad\.yaml"):
        import_study(trial.records, bad, **trial.stamp)


# --- sites ------------------------------------------------------------------------------------------------------------


def test_a_site_rings_from_today_there_unless_said_otherwise(trial: Trial):
    add_site(trial.records, **SITE, **trial.stamp)

    assert [site.rings_from for site in all_sites(trial.records) if site.number == "777"] == [date(2026, 3, 2)]


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        ({"zone_name": "Europe/Pariss"}, ["'Europe/Pariss' is not known; did you mean Europe/Paris"]),
        ({"country": "Lyon"}, ["'Lyon' is not known"]),
        ({"region": "ZZ"}, ["'ZZ' is not a region of FR"]),
        ({"disclosure": "everything"}, ["'everything' is no level; choose code"]),
        ({"number": "no. 7"}, ["'no. 7' does not fit"]),
        ({"number": "417"}, ["417 is a site of DREAM already"]),
        ({"study_code": "DREEM"}, ["'DREEM' is not known; did you mean DREAM"]),
        ({"zone_name": "Nowhere", "country": "XX"}, ["'Nowhere' is not known", "'XX' is not known"]),
    ],
)
def test_a_bad_site_says_what_would_be_right_and_is_not_added(trial: Trial, wrong, sentences):
    with pytest.raises(ProblemError) as problem:
        add_site(trial.records, **{**SITE, **wrong}, **trial.stamp)

    assert all(sentence in str(problem.value) for sentence in sentences)
    assert [site.number for site in all_sites(trial.records)] == ["417", "501"]


# --- patients ---------------------------------------------------------------------------------------------------------


def test_a_patient_is_planned_at_once(trial: Trial):
    patient = trial.patient("417-001", first_registration="2026-03-02")

    assert trial.task(patient, "reevaluation_imaging").due == date(2026, 5, 25)
    assert trial.task(patient, "surgery").state is TaskState.OPEN
    assert trial.audit_holds()


@pytest.mark.parametrize(
    ("code", "events", "sentences"),
    [
        ("Amina", {"first_registration": "2026-03-02"}, ["patient code: it does not have the form"]),
        ("417-001", {}, ["event first_registration: its date is missing"]),
        ("417-001", {"first_registration": "2026-03-03"}, ["its date lies in the future"]),
        (
            "417-001",
            {"first_registration": "2026-03-02", "second_registration": "2026-03-01"},
            ["event second_registration: its date lies before first_registration"],
        ),
        ("417-001", {"first_registration": "2026-03-02", "surgry": "2026-03-02"}, ["did you mean surgery"]),
        ("417-001", {"first_registration": "1826-03-02"}, ["the year is not between 1900 and 2200"]),
    ],
)
def test_a_bad_patient_says_what_would_be_right_and_is_not_added(trial: Trial, code, events, sentences):
    with pytest.raises(ProblemError) as problem:
        trial.patient(code, **events)

    assert all(sentence in str(problem.value) for sentence in sentences)
    assert code not in str(problem.value)
    assert nobody_was_added(trial)


def test_a_code_is_taken_once(trial: Trial):
    trial.patient("417-001", first_registration="2026-03-02")

    with pytest.raises(ProblemError, match="has a patient of this code") as problem:
        trial.patient("417-001", site="501", first_registration="2026-03-02")
    assert "417-001" not in str(problem.value)


def test_a_patient_of_an_unknown_site_or_study_is_refused(trial: Trial):
    with pytest.raises(ProblemError, match="is not a site of DREAM"):
        trial.patient("417-001", site="418", first_registration="2026-03-02")


@pytest.mark.parametrize(
    ("event", "day", "planned", "sentence"),
    [
        ("surgry", "2026-03-02", False, "did you mean surgery"),
        ("surgery", "2026-03-03", False, "its date lies in the future"),
        ("surgery", "2026-03-01", False, "its date lies before second_registration"),
        ("second_registration", "2026-03-09", True, "it has happened already"),
    ],
)
def test_a_bad_event_says_what_would_be_right_and_changes_nothing(trial: Trial, event, day, planned, sentence):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    before = trial.tasks(patient)

    with pytest.raises(ProblemError, match=sentence):
        trial.event("417-001", event, day, planned=planned)

    assert trial.tasks(patient) == before


def test_a_bad_fact_names_the_values_there_are(trial: Trial):
    trial.patient("417-001", first_registration="2026-03-02")

    with pytest.raises(ProblemError, match="valid: no, yes"):
        trial.fact("417-001", "lesion_left_in_place", "perhaps")
    with pytest.raises(ProblemError, match="valid: lesion_left_in_place"):
        trial.fact("417-001", "resection", "R0")


def test_an_unknown_patient_is_not_repeated(trial: Trial):
    with pytest.raises(ProblemError, match="DREAM has no patient of this code") as problem:
        trial.event("417-999", "surgery", "2026-03-02")

    assert "417-999" not in str(problem.value)


def test_a_fact_recorded_by_the_office_replans(trial: Trial):
    patient = trial.patient(
        "417-001", first_registration="2026-02-01", second_registration="2026-02-01", surgery="2026-02-10"
    )

    trial.fact("417-001", "lesion_left_in_place", "no")

    assert trial.task(patient, "fu_6mo").cancelled_because == "fact_excludes"
    assert trial.audit_holds()
