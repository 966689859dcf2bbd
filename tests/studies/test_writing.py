"""A study is written as it is read: nothing is lost, nothing changes its type, and people can read it."""

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from office.study_files import document_of
from office.study_writing import study_text

CHECKOUT = Path(__file__).resolve().parents[2]

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=150)
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
NODES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(document=st.dictionaries(KEYS, NODES, min_size=1, max_size=5))
@example(document={"format": "visitplan/1", "a": ["yes", "no", "on", "1.10", "12:30", "2026-01-05", "~", "null", ""]})
@example(document={"a": {"b": {}, "c": [], "d": "- x: {y}", "e": "# no remark", "f": " inside \u2028 a line\u0085"}})
def test_what_is_written_reads_back_the_same(document):
    assert document_of(study_text(document), "plan.yaml") == document


@pytest.mark.parametrize("file", sorted((CHECKOUT / "studies").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_study_of_ours_is_written_and_read_again(file):
    document = document_of(file.read_text(), file.name)

    assert document_of(study_text(document), file.name) == document


def test_no_other_reader_of_yaml_sees_a_number_or_a_truth():
    written = study_text({"study": {"version": "1.10", "a": "no", "b": "12:30", "c": "2026-01-05", "d": "null"}})

    assert yaml.safe_load(written) == {
        "study": {"version": "1.10", "a": "no", "b": "12:30", "c": "2026-01-05", "d": "null"}
    }


def test_flags_are_written_without_quotes_and_texts_with_them():
    written = study_text({"events": {"dose": {"label": "true", "required": "true"}}})

    assert written == "events:\n  dose: {label: 'true', required: true}\n"


def test_short_entries_stand_on_one_line_and_parts_apart():
    written = study_text(
        {
            "format": "visitplan/1",
            "visits": [
                {"id": "fu", "label": "Follow-up {offset}", "repeat": ["every 3mo until 24mo", "every 6mo until 60mo"]}
            ],
        }
    )

    assert written == (
        "format: visitplan/1\n"
        "\n"
        "visits:\n"
        "  - id: fu\n"
        "    label: Follow-up {offset}\n"
        "    repeat: [every 3mo until 24mo, every 6mo until 60mo]\n"
    )
