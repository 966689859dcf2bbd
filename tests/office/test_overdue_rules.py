"""What counts as overdue by the class of a task: every page judges it alike."""

from uuid import UUID

import pytest

from office.board.late import LateFilters, late_page
from office.board.patient import patient_page
from office.board.standing import figures_of
from office.board.trend import trend_of
from office.board.viewer import viewer_of
from records.board.lateness import Which
from tests.office import vocabulary
from tests.office.vocabulary import Trial
from trial.follow_up import FollowUp


@pytest.fixture
def trial(records, monkeypatch, tmp_path):
    """DREAM by EORTC's data timeliness: baseline three months, treatment four, follow-up twelve."""
    text = vocabulary.DREAM.read_text(encoding="utf-8")
    text, _, _ = text.partition("\noverdue_after:")
    text += "\noverdue_after: eortc\n"
    for visit, task_class in (("baseline_imaging", "baseline"), ("reevaluation_imaging", "treatment")):
        text = text.replace(f"\n  - id: {visit}\n", f"\n  - id: {visit}\n    class: {task_class}\n", 1)
    assert text.count("    class: ") == 2
    (tmp_path / "dream.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(vocabulary, "DREAM", tmp_path / "dream.yaml")
    return Trial(records)


def judged(trial: Trial, manager: UUID, patient: UUID) -> dict[str, set[str]]:
    """What is overdue, by each page that says so; figures by their number."""
    with trial.records.read() as tx:
        now = trial.clock.now()
        viewer = viewer_of(tx, manager, now=now)
        assert viewer is not None
        rows = late_page(tx, trial.studies, viewer, LateFilters(Which.OVERDUE), now=now)
        page = patient_page(tx, trial.studies, viewer, patient, **trial.times)
        assert page is not None
        (site, *_) = viewer.seen
        figure = figures_of(tx, trial.studies, viewer.seen, now=now)[site.id].overdue
        trend = sum(month.returns.overdue for month in trend_of(tx, trial.studies, site, now=now))
    listed = {row.called.task.occurrence for row in rows.rows}
    assert figure == trend == rows.tally.found == len(rows.rows)
    return {
        "list": listed,
        "page": {
            visit.occurrence for visit in page.visits if any(task.follow_up is FollowUp.OVERDUE for task in visit.tasks)
        },
    }


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        ("2026-06-02", set()),  # baseline closed on 2 March, re-evaluation closes on 8 June
        ("2026-06-03", {"baseline_imaging"}),
        ("2026-10-08", {"baseline_imaging"}),
        ("2026-10-09", {"baseline_imaging", "reevaluation_imaging"}),
    ],
)
def test_every_page_judges_by_the_class_of_the_task(trial: Trial, day: str, overdue: set[str]):
    manager = trial.manager()
    trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to(f"{day} 12:00")

    found = judged(trial, manager, patient)

    assert {page: names & {"baseline_imaging", "reevaluation_imaging"} for page, names in found.items()} == {
        "list": overdue,
        "page": overdue,
    }
