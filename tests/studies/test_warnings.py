"""Warnings of a study file: what may stand there, and what its author should look at once more."""

import pytest

from office.study_files import study_from_text
from trial.problems import ProblemError

PLAN = """\
format: visitplan/1
study: {id: TEST, title: Test, version: "1.0", subject_id: '\\d{3}-\\d{3}'}
events:
  registration: {label: Registration, required: true}
facts:
  arm: {values: {low: Low dose, high: High dose}, restricted: true}
  side: {values: [left, right], ask_at: registration}
visits:
  - {id: scan, label: Scan, when: registration + 6w, only_if: side == left}
"""


def warned(text):
    return [
        f"line {warning.line}: {warning.path}: {warning.what}" for warning in study_from_text(text, "x.yaml").warnings
    ]


def changed(old, new):
    assert old in PLAN
    return PLAN.replace(old, new, 1)


def test_a_fact_that_no_condition_looks_at_is_told():
    assert warned(PLAN) == ["line 6: facts.arm: no condition looks at this fact"]


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (
            r"'\d{3}-\d{3}'",
            r"'[A-Z]{2}\d{3}'",
            "line 2: study.subject_id: codes of this form could hold a patient's initials",
        ),
        (
            r"'\d{3}-\d{3}'",
            r"'\d{2}-\d{4}'",
            "line 2: study.subject_id: codes of this form could hold a year or a date of birth",
        ),
        (
            r", subject_id: '\d{3}-\d{3}'",
            "",
            "line 2: study: codes of this form could hold a patient's initials",
        ),
        (
            "label: Scan, when: registration + 6w",
            'label: "Scan {number}", when: registration, repeat: every 4w until 12mo',
            "line 9: visits[scan].repeat: every 4w and until 12mo count in different kinds of unit",
        ),
        (
            "only_if: side == left",
            "only_if: side == left and arm == low",
            "line 9: visits[scan].only_if: whoever sees when this is asked for can tell the restricted fact arm",
        ),
        (
            "ask_at: registration}",
            "ask_at: registration, only_if: arm == low}",
            "line 7: facts.side.only_if: whoever sees when this is asked for can tell the restricted fact arm",
        ),
        (
            "label: Scan",
            "label: Scan (high dose)",
            "line 9: visits[scan]: this names a value of the restricted fact arm",
        ),
        ("id: scan", "id: scan_low", "line 9: visits[scan_low]: this names a value of the restricted fact arm"),
        (
            "label: Registration",
            "label: Low",
            "line 4: events.registration: this names a value of the restricted fact arm",
        ),
    ],
)
def test_what_should_be_looked_at_is_told_with_its_line(old, new, warning):
    assert warning in warned(changed(old, new))


def test_a_word_that_only_begins_like_a_value_tells_nothing():
    assert not any(
        "names a value" in warning for warning in warned(changed("label: Scan", "label: Slow lowland highs"))
    )


@pytest.mark.parametrize("key", ["ask: Which arm", "ask_at: registration"])
def test_nobody_at_a_site_is_asked_for_a_restricted_fact(key):
    with pytest.raises(ProblemError, match="nobody at a site is asked for a restricted fact; leave it out"):
        study_from_text(changed("restricted: true", f"restricted: true, {key}"), "x.yaml")
