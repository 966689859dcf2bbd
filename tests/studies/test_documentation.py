"""What docs/study-files.md shows is a study file that works, with the dates that stand under it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from app.commands.study import app
from office.study_files import document_of, study_from_text
from office.study_writing import study_text
from trial.problems import ProblemError
from trial.visitplan.schema import schema

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "study-files.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"```yaml\n(?P<yaml>.*?)```\n(?P<shown>(?:\n```console\n.*?```\n)*)", re.DOTALL)
PREVIEW = re.compile(r"\$ sitebell study preview plan\.yaml (?P<options>.*?)\n(?P<table>.*?)(?=\n\$|\n```)", re.DOTALL)
WHOLE = "format: visitplan/1\n"

COMPLETION = {
    "format": "visitplan/1",
    "study": {"id": "EXAMPLE", "title": "An example", "version": "1.0"},
    "events": {
        "registration": {"label": "Registration", "required": "true"},
        "surgery": {"label": "Surgery", "estimate": "registration + 6w"},
    },
    "visits": [{"id": "visit", "label": "Visit", "when": "registration"}],
}
"""What an example on the page may leave out: a registration, an operation and a visit."""


@dataclass(frozen=True)
class Example:
    """One part of a study file on the page, completed, and the previews under it."""

    line: int
    document: dict
    previews: tuple[tuple[str, str], ...]  # options, and the table that they give

    def __str__(self) -> str:
        return f"line {self.line}"


def examples() -> list[Example]:
    found = []
    for block in BLOCK.finditer(TEXT):
        text = block["yaml"] if re.search(r"(?m)^[^#\n]", block["yaml"]) else f"{block['yaml']}note: nothing\n"
        fragment = document_of(text, PAGE.name)
        assert isinstance(fragment, dict)
        document = fragment if text.startswith(WHOLE) else {**COMPLETION, **fragment}
        if document is not fragment and "events" in fragment:
            document["events"] = COMPLETION["events"] | fragment["events"]
        previews = tuple((shown["options"], shown["table"]) for shown in PREVIEW.finditer(block["shown"]))
        found.append(Example(TEXT[: block.start()].count("\n") + 1, document, previews))
    return found


@pytest.mark.parametrize("example", examples(), ids=str)
def test_every_example_is_sound_and_gives_the_dates_under_it(example, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(study_text(example.document), encoding="utf-8")
    study_from_text(file.read_text(encoding="utf-8"), "plan.yaml")

    assert list(Draft202012Validator(schema()).iter_errors(example.document)) == []
    for options, table in example.previews:
        result = CliRunner().invoke(app, ["preview", str(file), *shlex.split(options)])
        assert result.stdout.strip() == table.strip(), options


def test_the_page_shows_many_rules_with_their_dates():
    assert sum(len(example.previews) for example in examples()) >= 15


def test_the_whole_example_is_sound():
    example = next(block["yaml"] for block in BLOCK.finditer(TEXT) if block["yaml"].startswith(WHOLE))
    study = study_from_text(example, "example.yaml")

    assert list(study.visits) == ["surgery", "fu"]


def valid_keys(text: str) -> list[str]:
    with pytest.raises(ProblemError, match="'nosuchkey' is not known") as raised:
        study_from_text(text, "x.yaml")
    (problem,) = (one for one in raised.value.problems if "nosuchkey" in one.what)
    return problem.instead.removeprefix("valid: ").split(", ")


HEAD = "format: visitplan/1\nstudy: {id: X, title: X, version: x}\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "events: {a: {label: A, required: true}}\nvisits: [{id: v, label: V, when: a, nosuchkey: 1}]\n",
        HEAD + "events: {a: {label: A, required: true, nosuchkey: 1}}\nvisits: [{id: v, label: V, when: a}]\n",
        HEAD + "events: {a: {label: A, required: true}}\nvisits: [{id: v, label: V, when: a}]\nnosuchkey: 1\n",
        HEAD
        + "events: {a: {label: A, required: true}}\nfacts: {f: {values: [x], ask_at: a, nosuchkey: 1}}\n"
        + "visits: [{id: v, label: V, when: a}]\n",
    ],
    ids=["visit", "event", "file", "fact"],
)
def test_every_key_is_explained(text):
    keys = valid_keys(text)

    assert len(keys) > 5
    assert [key for key in keys if key not in {"id", "label"} and f"`{key}" not in TEXT and f"{key}:" not in TEXT] == []
