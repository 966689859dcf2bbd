"""The published JSON Schema: it takes every sound file, and refuses nothing that the reader takes."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from app.commands.study import app
from office.study_files import document_of, study_from_text
from office.study_writing import study_text
from trial.problems import ProblemError
from trial.visitplan.documents import Node
from trial.visitplan.schema import FILE, schema

CHECKOUT = Path(__file__).resolve().parents[2]
PUBLISHED = CHECKOUT / "studies" / FILE
VALIDATOR = Draft202012Validator(schema())
WHOLE = """\
format: visitplan/1
study: {id: WHOLE, title: {en: Whole, ja: 全体}, version: "1.0", languages: [en], subject_id: '\\d{3}', day_numbers: day0}
events:
  registration: {label: Registration, required: true}
  surgery: {label: Surgery, estimate: registration + 6w, not_before: registration, function: surgery, note: a remark}
  relapse: {label: Relapse, expect: surgery + 10wd, only_if: happened(surgery)}
  gone: {label: Gone, ends: visits, leaving: lost}
facts:
  arm: {values: {low: Low, high: High}, restricted: true}
  side: {label: Side, ask: Which side, values: [left, right], ask_at: surgery, ladder: own}
task_sets:
  upload: [{id: upload, label: Upload, short: CT, due: visit + 5wd, remind: [0d, 3wd], escalate: 10wd}]
visits:
  - {id: scan, label: Scan, when: registration, window: {value: -7d .. +7d, unverified: true}, tasks: upload, class: baseline}
  - id: operation
    label: Operation
    hold: Operate
    when: surgery
    records: surgery
    reasons: [{id: declined, label: Declined, records: gone}]
    only_if: side == left
  - id: fu
    label: "Visit {offset}"
    when: first_of(surgery, relapse)
    repeat: [every 3mo until 12mo, every 6mo until 24mo]
    repeat_if: {"arm == low": every 6mo until 24mo}
    window_from: {12mo: -14d .. +14d}
    not_after: 2030-01-01
    stop: [relapse]
    contact: phone
    tasks: [upload, {id: form, label: Form, due: visit + 10wd, kind: send, function: data}]
  - {id: after, label: After, when: visit(scan) + 7d}
campaigns:
  - {id: survey, label: "Survey {round}", rounds: [2027-06-01 .. 2027-06-30], tasks: [{id: form, label: Form}]}
ladders:
  own: {due: due, late: closes + 1d}
overdue_after: eortc
claims: {unseen_after: 5wd}
amendments: [{version: "1.0", active: {default: null}, applies_to: new_patients, changes: None, renames: {a: drop}}]
questions: [{id: a, ask: Why, about: scan, answer: Because}]
source: {from: tables, file: x.xlsx, map: {a: b}}
"""


def refused(document: Node) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def examples() -> dict[str, str]:
    """Every study file of the project, and the whole one above."""
    files = [*(CHECKOUT / "studies").glob("*.yaml"), CHECKOUT / "tests" / "studies" / "small.yaml"]
    return {file.name: file.read_text(encoding="utf-8") for file in files} | {"whole": WHOLE}


def test_it_is_a_schema_and_what_is_published():
    Draft202012Validator.check_schema(schema())
    printed = CliRunner().invoke(app, ["schema"])

    assert PUBLISHED.read_text(encoding="utf-8") == printed.stdout, (
        "sitebell study schema > studies/visitplan.schema.json"
    )
    assert json.loads(printed.stdout) == schema()


@pytest.mark.parametrize("name", examples())
def test_every_sound_file_is_taken(name):
    text = examples()[name]
    study_from_text(text, name)

    assert refused(document_of(text, name)) == []
    assert refused(json.loads(json.dumps(yaml.safe_load(text), default=str))) == []  # with an editor's eyes


def test_it_knows_every_key_that_the_reader_knows():
    keys = set(re.findall(r'"([a-z_]+)"', json.dumps(schema())))
    document = document_of(WHOLE, "whole")
    assert isinstance(document, dict)
    for place in _places(document):
        changed = _changed(document, place, lambda node: {**node, "nosuchkey": "x"})
        try:
            study_from_text(study_text(changed), "x.yaml")
        except ProblemError as error:
            for problem in error.problems:
                if "'nosuchkey' is not known here" in problem.what and "valid: " in problem.instead:
                    known = problem.instead.rpartition("valid: ")[2].rstrip(")").split(", ")
                    assert [key for key in known if key not in keys] == []


def _places(node: Node, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The ways to every mapping of a document."""
    match node:
        case dict():
            return [place, *(found for key, part in node.items() for found in _places(part, (*place, key)))]
        case list():
            return [found for number, part in enumerate(node) for found in _places(part, (*place, number))]
        case _:
            return []


def _changed(node, place, change):
    if not place:
        return change(node)
    first, *rest = place
    if isinstance(node, list):
        return [_changed(part, rest, change) if number == first else part for number, part in enumerate(node)]
    return {key: _changed(part, rest, change) if key == first else part for key, part in node.items()}


WRONG = st.sampled_from(["x", "", "99", "-3d .. +3d", [], ["x"], [["x"]], {}, {"x": "y"}, {"en": "x"}, {"value": "x"}])


@settings(max_examples=60)
@given(data=st.data())
def test_what_the_schema_refuses_the_reader_refuses_too(data):
    document = document_of(WHOLE, "whole")
    place = data.draw(st.sampled_from(_places(document)))

    def change(node):
        if not node or data.draw(st.booleans()):
            return {
                **node,
                data.draw(st.sampled_from(["nosuchkey", "id", "label", "when", "tasks", "rounds"])): data.draw(WRONG),
            }
        key = data.draw(st.sampled_from(sorted(node)))
        if data.draw(st.booleans()):
            return {name: part for name, part in node.items() if name != key}
        return {**node, key: data.draw(WRONG)}

    changed = _changed(document, place, change)
    found = refused(changed)
    if found:
        with pytest.raises(ProblemError):
            study_from_text(study_text(changed), "x.yaml")
