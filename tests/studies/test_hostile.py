"""Files that mean harm, or that nobody can have meant: refused in under a second, with a sentence."""

import builtins
from pathlib import Path
from time import process_time

import pytest

from office.study_files import LARGEST_FILE_BYTES, document_of, read_study, study_from_text
from office.study_writing import study_text
from trial.problems import ProblemError

HEAD = 'format: visitplan/1\nstudy: {id: X, title: X, version: "1"}\nevents:\n  r: {label: R, required: true}\n'
VISIT = "visits:\n  - {id: v, label: V, when: r}\n"
SPACES = " " * 1_500


def many(line: str, count: int) -> str:
    return "".join(line.replace("#", str(number)) for number in range(count))


def condition(parts: int) -> str:
    return f"{HEAD}visits:\n  - {{id: v, label: V, when: r, only_if: {' '.join(['happened(r) and'] * parts)} happened(r)}}\n"


HOSTILE = {
    "a bomb of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n" + many("b#: &b# [*a, *a, *a, *a, *a, *a, *a, *a]\n", 30),
        "points elsewhere",
    ),
    "a megabyte": ("# " + "x" * 1_000_000, "larger than 500 kB"),
    "one long line": ("a: " + "x" * 400_000, "longer than 4000 characters"),
    "one long line of brackets": ("a: " + "[" * 400_000, "longer than 4000 characters"),
    "brackets on many lines": ("a: " + "[\n" * 19_000, "nested too deeply"),
    "deep nesting": ("".join(f"{' ' * place}a:\n" for place in range(600)), "nested too deeply"),
    "many nodes": ("a:\n" + "- x\n" * 100_000, "more than a study can"),
    "many empty lines": ("a: 1" + "\n" * 490_000, "more than a study can"),
    "many keys": (many("key#: 1\n", 9_000), "is not known here"),
    "many visits": (HEAD + "visits:\n" + many("  - {id: v#, label: V, when: r}\n", 1_500), "more than 300 entries"),
    "many events": (HEAD + many("  e#: {label: E}\n", 2_000) + VISIT, "more than 100 entries"),
    "many tasks": (
        HEAD
        + "visits:\n  - id: v\n    label: V\n    when: r\n    tasks:\n"
        + many("      - {id: t#, label: T, due: visit}\n", 1_000),
        "more than 20 entries",
    ),
    "task sets of many visits": (
        HEAD
        + "task_sets:\n  s:\n"
        + many("    - {id: t#, label: T, due: visit, remind: [0d, 3wd], escalate: 9wd}\n", 19)
        + "visits:\n"
        + many("  - {id: v#, label: V, when: r, tasks: s}\n", 290),
        "more than 600 tasks",
    ),
    "a task set of many tasks": (
        HEAD
        + "task_sets:\n  s:\n"
        + many("    - {id: t#, label: T, due: visit}\n", 900)
        + "visits:\n"
        + many("  - {id: v#, label: V, when: r, tasks: s}\n", 290),
        "more than 20 tasks",
    ),
    "many windows": (
        HEAD
        + "visits:\n"
        + many(
            '  - {id: v#, label: "V {offset}", when: r, repeat: every 1w until 7y, window_from: {\n'
            + "".join(f"{day}d: 0d .. 0d,\n" for day in range(900))
            + "}}\n",
            9,
        ),
        "more than 20 entries",
    ),
    "many rhythms": (
        HEAD
        + "visits:\n"
        + many(
            '  - {id: v#, label: "V {offset}", when: r, repeat: every 1w until 7y, repeat_if: {\n'
            + "".join(f'"happened(r){" " * place}": every 1d until 400d,\n' for place in range(20))
            + "}}\n",
            60,
        ),
        "more than 3000 occurrences in all",
    ),
    "many languages": (HEAD.replace('"1"', f'"1", languages: [{"en, " * 900}]') + VISIT, "more than 50 entries"),
    "many mistakes": (
        HEAD + "visits:\n" + many("  - {id: v#, label: V, when: rr, stop: [a#, b#]}\n", 290),
        "not known",
    ),
    "a million repeats": (
        HEAD + 'visits:\n  - {id: v, label: "V {number}", when: r, repeat: every 1d until 50y}\n',
        "more than 400 occurrences",
    ),
    "repeats of many visits": (
        HEAD + "visits:\n" + many('  - {id: v#, label: "V {offset}", when: r, repeat: every 1w until 7y}\n', 300),
        "more than 3000 occurrences in all",
    ),
    "a loop of events": (
        HEAD + many("  e#: {label: E, estimate: f# + 1d}\n  f#: {label: F, estimate: e# + 1d}\n", 40) + VISIT,
        "run in a circle",
    ),
    "a long loop of events": (
        HEAD + "".join(f"  e{n}: {{label: E, estimate: e{(n + 1) % 99} + 1d}}\n" for n in range(99)) + VISIT,
        "run in a circle",
    ),
    "a slow pattern of codes": (HEAD.replace('"1"', "\"1\", subject_id: '(a+)+b'") + VISIT, "is not read here"),
    "a huge number": (
        HEAD.replace("required: true", "required: true, expect: r + 99999999999999999999d") + VISIT,
        "offset",
    ),
    "a huge window": (
        HEAD + "visits:\n  - {id: v, label: V, when: r, window: -99999y .. 0d}\n",
        "further than a study goes",
    ),
    "a deep condition": (
        f"{HEAD}visits:\n  - {{id: v, label: V, when: r, only_if: {'(' * 500}happened(r){')' * 500}}}\n",
        "nested too deeply",
    ),
    "an endless condition": (condition(130), "the value is longer than"),
    "spaces": (
        HEAD + "visits:\n" + many(f"  - {{id: v#, label: V, when: 'r{SPACES}x', window: '1{SPACES}1'}}\n", 150),
        "is no window",
    ),
    "a control character": (HEAD.replace("label: R", 'label: "R\\x07"') + VISIT, "the text holds U+0007"),
    "a mark that turns the writing round": (
        HEAD.replace("label: R", 'label: "R\u202egnp.exe"') + VISIT,
        "the text holds U+202E, which nobody sees",
    ),
    "an isolate": (HEAD.replace("label: R", 'label: "R\u2066"') + VISIT, "U+2066"),
    "a value of no word": (HEAD + 'facts: {f: {values: ["a\u202e"], ask_at: r}}\n' + VISIT, "is no value"),
    "a tag": (HEAD + 'visits: !!python/object/apply:os.system ["true"]\n', "a tag is set here"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once_with_a_sentence(name):
    text, sentence = HOSTILE[name]
    began = process_time()
    with pytest.raises(ProblemError) as raised:
        study_from_text(text, "x.yaml")
    took = process_time() - began

    assert sentence in str(raised.value)
    assert took < 1
    assert len(raised.value.problems) <= 101


def test_a_long_chain_of_events_that_is_no_loop_is_dated():
    chain = many("  e#: {label: E, estimate: before# + 1d}\n", 98)
    chain = "".join(
        line.replace(f"before{number}", "r" if number == 0 else f"e{number - 1}") + "\n"
        for number, line in enumerate(chain.splitlines())
    )
    study = study_from_text(f"{HEAD}{chain}visits:\n  - {{id: v, label: V, when: e97}}\n", "x.yaml")

    assert len(study.events) == 99


def test_a_sign_that_words_of_some_languages_need_is_no_harm():
    text = HEAD.replace("label: R", 'label: {en: R, fa: "می\u200cشود"}') + VISIT

    assert study_from_text(text, "x.yaml").events["r"].label["fa"] == "می\u200cشود"


def test_no_path_and_no_address_of_a_file_is_followed(monkeypatch):
    text = (
        f"{HEAD}{VISIT}source: {{from: 'https://example.org/x.json', file: /etc/passwd}}\n"
        'amendments:\n  - {version: "1", file: ../../etc/passwd, active: {default: null}}\n'
    )

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(Path, "open", refuse)

    assert study_from_text(text, "x.yaml").amendment is not None


def test_a_large_file_is_not_even_read_as_text(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(b"\xff" * (LARGEST_FILE_BYTES + 1))

    with pytest.raises(ProblemError, match="larger than 500 kB"):
        read_study(path)


def test_what_is_refused_is_nothing_that_a_study_of_ours_needs():
    study = Path(__file__).resolve().parents[2] / "studies" / "dream.yaml"
    text = study_text(document_of(study.read_text(encoding="utf-8"), "dream.yaml"))

    assert len(text) * 10 < LARGEST_FILE_BYTES
