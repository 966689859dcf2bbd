"""A restricted fact, a blinded arm: it steers the plan, and nobody who must not know it meets it anywhere."""

import io
from uuid import UUID

import pytest

from office.board.new_patient import new_patient_form
from office.board.patient import patient_page
from office.board.story import story_of
from office.board.viewer import Viewer, viewer_of
from office.entering import add_patient_by, record_fact_by
from office.exports import write_answers
from office.judging import Refusal
from office.patient_table import dry_run
from office.patients import NewPatient
from records import patients, sites
from tests.office import vocabulary
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.people import Role
from trial.problems import Wrong

ARM = """\
facts:
  allotted:
    label: {en: Quillarm, de: Quillarm, fr: Quillarm, ja: Quillarm}
    restricted: true
    values:
      verum: {en: Quillverum, de: Quillverum, fr: Quillverum, ja: Quillverum}
      placebo: {en: Quillplacebo, de: Quillplacebo, fr: Quillplacebo, ja: Quillplacebo}
"""
BETRAYING = ("allotted", "verum", "placebo", "quill")

ROLES = [
    (Role.COORDINATOR, "417"),
    (Role.INVESTIGATOR, "417"),
    (Role.MONITOR, "417"),
    (Role.MONITOR, None),
    (Role.MANAGER, None),
    (Role.AUDITOR, None),
    (Role.ADMINISTRATOR, None),
]


@pytest.fixture
def trial(records, monkeypatch, tmp_path):
    """DREAM with an arm that decides whether imaging goes on after surgery."""
    text = vocabulary.DREAM.read_text(encoding="utf-8")
    plan = text.replace("facts:\n", ARM, 1).replace(
        "only_if: lesion_left_in_place == yes", "only_if: allotted == verum"
    )
    assert plan.count("allotted") == 2
    (tmp_path / "dream.yaml").write_text(plan, encoding="utf-8")
    monkeypatch.setattr(vocabulary, "DREAM", tmp_path / "dream.yaml")
    return Trial(records)


def operated(trial: Trial, code: str, arm: str):
    return trial.patient(
        code,
        facts={"allotted": arm},
        first_registration="2025-09-01",
        second_registration="2025-12-01",
        surgery="2026-01-12",
    )


def planned(trial: Trial, patient) -> set[str]:
    return {key.split("/")[0] for key, task in trial.tasks(patient).items() if task.state != "cancelled"}


def test_it_steers_the_plan(trial: Trial):
    verum, placebo = operated(trial, "417-001", "verum"), operated(trial, "417-002", "placebo")

    assert "fu_6mo" in planned(trial, verum)
    assert "fu_6mo" not in planned(trial, placebo)
    assert {"fact:allotted"}.isdisjoint(planned(trial, verum) | planned(trial, placebo))


def test_no_site_is_asked_for_it(trial: Trial):
    patient = trial.patient("417-001", first_registration="2025-09-01", second_registration="2025-12-01")

    assert "fact:allotted" not in planned(trial, patient)


def told_to(trial: Trial, person, patient) -> dict[str, str]:
    """Everything that the office's readers hand over about this patient for this person, place by place."""
    with trial.records.read() as tx:
        row = patients.patient_by_id(tx, patient)
        viewer = viewer_of(tx, person, now=trial.clock.now())
        assert row is not None
        assert viewer is not None
        site = sites.site_by_id(tx, row.site_id)
        assert site is not None
        page = patient_page(tx, trial.studies, viewer, patient, **trial.times)
        seen = viewer.seen
        places = {
            "page": "" if page is None else str((page.visits, page.facts, page.events, page.days)),
            "form": str(new_patient_form(tx, trial.studies, viewer)),
            "log": str(story_of(tx, trial.studies, viewer, row, site)) if site in seen else "",
        }
    visits = trial.visits(patient).values()
    places["cards"] = str([trial.card(person, visit.id) for visit in visits])
    places["messages"] = str(trial.messages(person))
    return places


def everybody(trial: Trial) -> dict[str, UUID]:
    """Somebody of every role."""
    return {
        f"{role} {site}": trial.enrolled(f"Reader {place}", role=role, site=site)
        for place, (role, site) in enumerate(ROLES)
    }


def test_nobody_meets_it_wherever_they_look(trial: Trial):
    people = everybody(trial)
    patient = operated(trial, "417-001", "verum")
    trial.fact("417-001", "allotted", "placebo")
    trial.fact("417-001", "lesion_left_in_place", "no")
    trial.live_until("2026-03-09 12:00")

    met = [
        (role, place)
        for role, person in people.items()
        for place, text in told_to(trial, person, patient).items()
        if any(word in text.casefold() for word in BETRAYING)
    ]

    assert met == []


def test_a_file_of_answers_does_not_hold_it(trial: Trial):
    amina = trial.enrolled("Amina")
    patient = operated(trial, "417-001", "verum")
    trial.says(amina, trial.task(patient, "fu_6mo"), AnswerKind.NOT_DONE, text="the scanner is down")
    out = io.StringIO()
    write_answers(trial.records, out, **trial.stamp)

    assert "417-001" in out.getvalue()
    assert not any(word in out.getvalue().casefold() for word in BETRAYING)


def test_nobody_enters_it_by_name(trial: Trial):
    people = everybody(trial)
    patient = trial.patient("417-001", first_registration="2026-02-02")
    with trial.records.read() as tx:
        row = patients.patient_by_id(tx, patient)
        assert row is not None
        place = sites.site_by_id(tx, row.site_id)
    new = NewPatient("417-002", {}, {"allotted": "verum"})

    for role, person in people.items():
        recorded = trial.does(record_fact_by, trial.studies, patient, "allotted", "verum", reason="", by=person)
        added = trial.does(add_patient_by, trial.studies, place, new, by=person)

        assert isinstance(recorded, Refusal), role
        assert added is Refusal.NOT_ALLOWED, role


def test_a_table_of_patients_has_no_column_for_it(trial: Trial):
    manager = trial.manager()

    def tried(tx, *, now):
        viewer = viewer_of(tx, manager, now=now)
        assert isinstance(viewer, Viewer)
        table = "site,code,event:first_registration,fact:allotted\n417,417-001,2026-02-02,verum\n"
        return dry_run(tx, trial.studies, viewer, table, now=now)

    (problem,) = trial.asks(tried).problems

    assert problem.problem.wrong is Wrong.UNKNOWN_COLUMN
    assert "fact:allotted" not in problem.problem.instead


def test_its_audit_entry_is_sealed_and_the_chain_holds(trial: Trial):
    operated(trial, "417-001", "verum")

    assert len(trial.audited("fact.recorded")) == 1
    assert not any(word in str(trial.audited("fact.recorded")) for word in BETRAYING)
    assert trial.audit_holds()
