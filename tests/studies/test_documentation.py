"""What docs/study-files.md shows is a study file that works."""

import re
from pathlib import Path

import pytest

from office.study_files import study_from_text
from trial.problems import ProblemError

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "study-files.md"


def test_the_whole_example_is_sound():
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    study = study_from_text(example, "example.yaml")

    assert list(study.visits) == ["surgery", "fu"]


def test_every_key_of_a_visit_is_explained():
    page = PAGE.read_text(encoding="utf-8")
    text = (
        "format: visitplan/1\nstudy: {id: X, title: X, version: x}\nevents: {a: {label: A, required: true}}\n"
        "visits: [{id: v, label: V, when: a, nosuchkey: 1}]\n"
    )
    with pytest.raises(ProblemError, match="'nosuchkey' is not known") as raised:
        study_from_text(text, "x.yaml")
    (problem,) = raised.value.problems
    keys = problem.instead.removeprefix("valid: ").split(", ")

    assert len(keys) > 10
    assert [key for key in keys if key not in {"id", "label"} and f"`{key}" not in page] == []
