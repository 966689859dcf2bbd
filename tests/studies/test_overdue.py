"""`overdue_after` of a study file: by kind of task, by class, or as others have published it."""

import pytest

from office.study_files import study_from_text
from trial.problems import ProblemError
from trial.study import Study
from trial.tasks import TaskKind

PLAN = """\
format: visitplan/1
study: {id: TEST, title: Test, version: "1"}
events:
  registration: {label: Registration, required: true}
visits:
  - id: base
    label: Baseline
    when: registration
    class: baseline
    tasks:
      - {id: upload, label: Upload, due: visit + 5wd}
      - {id: late_form, label: Form, due: visit + 5wd, class: treatment}
  - {id: scan, label: Scan, when: registration + 6mo, tasks: [{id: upload, label: Upload, due: visit + 5wd}]}
"""


def read(overdue: str) -> Study:
    return study_from_text(f"{PLAN}overdue_after: {overdue}\n", "x.yaml")


def tolerances(study: Study) -> dict[str, str]:
    asked = {
        "base/hold": (TaskKind.HOLD, "base", "hold"),
        "base/upload": (TaskKind.UPLOAD, "base", "upload"),
        "base/late_form": (TaskKind.SEND, "base", "late_form"),
        "scan/upload": (TaskKind.UPLOAD, "scan", "upload"),
        "event": (TaskKind.EVENT, "event:surgery", "event"),
    }
    return {name: str(study.tolerance(*task)) for name, task in asked.items()}


@pytest.mark.parametrize(
    ("overdue", "found"),
    [
        ("eortc", ("3mo", "3mo", "4mo", "12mo", "0d")),
        ("trisst14", ("14d", "14d", "14d", "14d", "14d")),
        ("trisst28", ("28d", "28d", "28d", "28d", "28d")),
        ("{upload: 28d, event: 5wd}", ("0d", "28d", "0d", "28d", "5wd")),
        ("{baseline: 1mo, follow_up: 2mo}", ("1mo", "1mo", "0d", "2mo", "0d")),
    ],
)
def test_a_rule_gives_every_task_its_tolerance(overdue, found):
    assert tuple(tolerances(read(overdue)).values()) == found


def test_without_a_rule_what_is_late_is_overdue():
    assert set(tolerances(study_from_text(PLAN, "x.yaml")).values()) == {"0d"}


def test_only_what_differs_is_judged_by_itself():
    assert set(read("eortc").special_tolerances) == {("base", "hold"), ("base", "upload"), ("base", "late_form")}
    assert dict(read("trisst14").special_tolerances) == {}


@pytest.mark.parametrize(
    ("overdue", "what"),
    [
        ("eotrc", "did you mean eortc"),
        ("{upload: 28d, baseline: 1mo}", "kinds of task and classes are mixed"),
        ("{upload: -3d}", "a tolerance is never negative"),
        ("{uplaod: 3d}", "did you mean upload"),
        ("[14d]", "a mapping is expected here"),
    ],
)
def test_a_mistake_in_it_is_told(overdue, what):
    with pytest.raises(ProblemError) as raised:
        read(overdue)

    assert what in str(raised.value)
