"""What the reader of visitplan/1 refuses, and that it tells everything at once with line, path and what would be right."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from office.study_files import read_study, study_from_text
from trial.answers import LeavingKind
from trial.problems import ProblemError
from trial.study import AppliesTo, Mark, Step
from trial.tasks import TaskKind

SOUND = """\
format: visitplan/1
study: {id: TEST, title: Test, version: "1.0"}
events:
  registration: {label: Registration, required: true}
  surgery: {label: Surgery, estimate: registration + 6w}
facts:
  arm: {values: [a, b], ask_at: registration}
visits:
  - id: scan
    label: Scan
    when: surgery + 6w
    window: -7d .. +7d
    only_if: arm == a
    tasks:
      - id: upload
        label: Upload
        due: visit + 5wd
  - id: fu
    label: "Visit {number}"
    when: surgery
    repeat: every 3mo until 24mo
    window: -14d .. +14d
"""


def told(text):
    with pytest.raises(ProblemError) as raised:
        study_from_text(text, "plan.yaml")
    return [str(problem) for problem in raised.value.problems]


def changed(old, new):
    assert old in SOUND
    return SOUND.replace(old, new, 1)


def test_a_sound_file_is_read():
    study = study_from_text(SOUND, "plan.yaml")

    assert (study.id, study.version) == ("TEST", "1.0")
    assert list(study.visits) == ["scan", "fu"]
    assert TaskKind.UPLOAD is study.visits["scan"].tasks[0].kind


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("format: visitplan/1", "format: visitplan/2", "line 1, format", "write format: visitplan/1"),
        ("id: TEST", "id: test", "line 2, study.id", "capital letters"),
        ('version: "1.0"', "", "line 2, study:", "version is missing"),
        ("title: Test", "title: {ja: 試験}", "line 2, study.title", "the English text is missing"),
        ("required: true", "required: yes", "line 4, events.registration.required", "write required: true"),
        (", required: true", "", "line 3, events:", "add required: true"),
        ("registration + 6w", "registration + 6m", "line 5, events.surgery.estimate", "write +6mo for months"),
        ("registration + 6w", "registration + 6h", "line 5, events.surgery.estimate", "write 1d for 24 hours"),
        ("registration + 6w", "registration + 9y9", "line 5, events.surgery.estimate", "not an offset"),
        ("registration + 6w", "registration + 999y", "line 5, events.surgery.estimate", "further than a study goes"),
        ("registration + 6w", "surgery + 6w", "line 5, events.surgery.estimate", "circle: surgery -> surgery"),
        ("registration + 6w", "registraton + 6w", "line 5, events.surgery.estimate", "did you mean registration"),
        ("ask_at: registration", "ask: Which", "line 7, facts.arm", "the fact is never asked"),
        ("values: [a, b], ", "", "line 7, facts.arm", "values are missing"),
        ("- id: scan", "- id: Scan", "line 9, visits[Scan].id", "small letters"),
        ("    label: Scan\n", "", "line 9, visits[scan]", "label is missing"),
        ("label: Scan", "lable: Scan", "line 10, visits[scan].lable", "did you mean label"),
        ("when: surgery + 6w", "when: surgry + 6w", "line 11, visits[scan].when", "did you mean surgery"),
        ("when: surgery + 6w", "when: surgery + 30wd", "line 11, visits[scan].when", "holidays never move a target"),
        ("when: surgery + 6w", "when: one_of(surgery)", "line 11, visits[scan].when", "first_of"),
        ("when: surgery + 6w", "when: 2026-03-02", "line 11, visits[scan].when", "write an event"),
        ("-7d .. +7d", "+7d .. -7d", "line 12, visits[scan].window", "the window is reversed"),
        ("-7d .. +7d", "-1mo .. -40d", "line 12, visits[scan].window", "the window is reversed"),
        ("-7d .. +7d", "+2d .. +5d", "line 12, visits[scan].window", "does not hold its own target"),
        ("-7d .. +7d", "7d .. 14d", "line 12, visits[scan].window", "has no sign"),
        ("-7d .. +7d", "7 days", "line 12, visits[scan].window", "write first .. last day"),
        ("arm == a", "amr == a", "line 13, visits[scan].only_if", "did you mean arm"),
        ("arm == a", "arm == c", "line 13, visits[scan].only_if", "no value 'c'; valid: a, b"),
        ("arm == a", "surgery == a", "line 13, visits[scan].only_if", "write happened(surgery)"),
        ("arm == a", "happened(surgry)", "line 13, visits[scan].only_if", "did you mean surgery"),
        ("arm == a", "arm = a", "line 13, visits[scan].only_if", "write =="),
        ("        due: visit + 5wd\n", "", "line 15, visits[scan].tasks[upload]", "due is missing"),
        ("visit + 5wd", "surgery + 5wd", "line 17, visits[scan].tasks[upload].due", "write such as visit + 5wd"),
        ("visit + 5wd", "visit - 5wd", "line 17, visits[scan].tasks[upload].due", "before its visit"),
        ("due: visit + 5wd", "due: visit + 5wd\n        ladder: slow", "line 18", "the ladder 'slow' is not known"),
        ("- id: fu", "- id: scan", "line 18, visits[scan].id", "there twice"),
        ("- id: fu", "- id: fu\n    records: surgery", "line 19, visits[fu].records", "cannot date one event"),
        ('"Visit {number}"', "Visit", "line 19, visits[fu].label", "add {number} or {offset}"),
        ('"Visit {number}"', '"Visit {n} {number}"', "line 19, visits[fu].label", "{n} stands for nothing"),
        ("label: Scan", 'label: "Scan {number}"', "line 10, visits[scan].label", "does not repeat"),
        ("every 3mo until 24mo", "every 3mo until 2mo", "line 21, visits[fu].repeat", "before the first visit at 3mo"),
        ("every 3mo until 24mo", "each 3mo", "line 21, visits[fu].repeat", "write such as every 3mo until 24mo"),
        ("every 3mo until 24mo", "every 0d until 24mo", "line 21, visits[fu].repeat", "not longer than nothing"),
        ("every 3mo until 24mo", "[every 8w until 24w, every 6mo until 5y]", "line 21", "write two visits"),
        ("every 3mo until 24mo", "every 1d until 5y", "line 21, visits[fu].repeat", "more than 400 occurrences"),
        ("every 3mo until 24mo", "every 3mo until 24mo after registration", "line 21", "the visit's own anchor"),
        ("-14d .. +14d", "-60d .. +60d", "line 22, visits[fu].window", "consecutive occurrences overlap"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(old, new, where, what):
    sentences = told(changed(old, new))

    assert [
        sentence for sentence in sentences if sentence.startswith(f"plan.yaml {where}") and what in sentence
    ] != [], sentences
    assert len(sentences) <= 2


def test_everything_is_told_together_in_the_order_of_the_file():
    text = changed("registration + 6w", "surgery + 6m").replace("-14d .. +14d", "-60d .. +60d")
    sentences = told(text.replace("-7d .. +7d", "+7d .. -7d").replace("arm == a", "arm == c"))

    assert [int(sentence.split("line ")[1].split(",")[0]) for sentence in sentences] == [5, 5, 12, 13, 22]


def test_an_id_that_is_also_an_occurrence_is_refused():
    extra = "- id: fu_6mo\n    label: X\n    when: surgery\n  - id: fu"

    assert "choose another id" in told(changed("- id: fu", extra))[0]


def test_two_visits_cannot_record_one_event():
    twice = SOUND + "".join(
        f"  - {{id: {name}, label: X, when: registration, records: surgery}}\n" for name in ("one", "two")
    )

    assert told(twice) == ["plan.yaml line 8, visits: two visits record the event surgery; let one of them record it."]


def test_a_language_that_is_sent_needs_every_label():
    sentences = told(changed('version: "1.0"', 'version: "1.0", languages: [en, ja]'))

    assert all("the text in ja is missing" in sentence for sentence in sentences)
    assert any("visits[scan].tasks" in sentence for sentence in sentences)


def test_words_that_yaml_turns_into_other_things_stay_words():
    study = study_from_text(changed("values: [a, b]", "values: [yes, no, a]").replace('"1.0"', "1.10"), "plan.yaml")

    assert list(study.facts["arm"].values) == ["yes", "no", "a"]
    assert study.version == "1.10"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x 1\nb: 2\n", "line 1: an anchor is set here"),
        ("a: &x 1\nb: *x\n", "line 2: the alias *x points elsewhere"),
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' is there twice (first on line 1)"),
        ("a: !!python/object:os.system x\n", "line 1: a tag is set here"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document begins"),
        ("? [a, b]\n: c\n", "line 1: a key is no text"),
        ("a: {b: c\nd: e\n", "this is not YAML"),
        ("a: 'b\n", "this is not YAML"),
        ("\tformat: x", "this is not YAML"),
        ("a: \x07", "characters that YAML does not allow"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n- b\n", "a mapping is expected here"),
        ("just text", "a mapping is expected here"),
        ("a: " + "[" * 60 + "]" * 60, "nested too deeply"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text, what):
    assert any(what in sentence for sentence in told(text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ProblemError, match="there is no such file"):
        read_study(tmp_path / "plan.yaml")


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(b"format: visitplan/1\ntitle: \xff\n")

    with pytest.raises(ProblemError, match=r"plan\.yaml line 2: the file is not UTF-8"):
        read_study(path)


@pytest.mark.parametrize("pattern", ["'[a-z'", "'.*'", "'[A-Za-z ]+'"])
def test_a_pattern_that_lets_names_pass_is_refused(pattern):
    assert told(changed('version: "1.0"', f'version: "1.0", subject_id: {pattern}'))


def test_without_a_pattern_no_name_fits():
    study = study_from_text(SOUND, "plan.yaml")

    assert [study.subject_id.fits(code) for code in ("417-002", "B-014", "AMINA", "")] == [True, True, False, False]


def test_a_number_without_a_source_is_listed_with_its_line():
    study = study_from_text(
        changed("window: -7d .. +7d", "window: {value: -7d .. +7d, unverified: true, note: to be asked}"), "plan.yaml"
    )

    assert [(entry.path, entry.line, entry.text) for entry in study.unverified] == [
        ("visits[scan].window", 12, "-7d .. +7d")
    ]


def test_reminders_of_a_task_become_its_own_ladder():
    study = study_from_text(
        changed("due: visit + 5wd", "due: visit + 5wd\n        remind: [0d, 3wd]\n        escalate: 10wd"), "plan.yaml"
    )
    ladder = study.ladders[study.visits["scan"].tasks[0].ladder]

    assert [(step.step, str(step.offset)) for step in ladder.steps] == [
        (Step.WINDOW_OPEN, "0d"),
        (Step.DUE, "3wd"),
        (Step.LATE, "10wd"),
    ]
    assert {Mark.OPENS} == {step.mark for step in ladder.steps}


LADDER = SOUND + "ladders:\n  visit:\n    window_open: opens\n    late: closes + 1d\n    cover: closes + 3wd\n"


def test_a_ladder_of_a_study_may_leave_steps_out():
    study = study_from_text(LADDER, "plan.yaml")

    assert [step.step for step in study.ladders["visit"].steps] == [Step.WINDOW_OPEN, Step.LATE, Step.COVER]


@pytest.mark.parametrize(
    ("step", "told_at", "what"),
    [
        (
            "backup: closes + 2wd",
            "28, ladders.visit.backup",
            "closes + 2wd can come before cover, which is closes + 3wd",
        ),
        ("backup: closes + 4d", "28, ladders.visit.backup", "closes + 4d can come before cover"),  # over a weekend
        ("backup: due + 9wd", "28, ladders.visit.backup", "somebody else would be told before the task is late"),
        ("backup: closes", "28, ladders.visit.backup", "write such as closes + 3wd"),
        ("manager: closes - 1d", "28, ladders.visit.manager", "somebody else would be told before the task is late"),
        ("due: closes + 2d", "26, ladders.visit.late", "closes + 1d can come before due, which is closes + 2d"),
        ("heads_up: due - 90d", "25, ladders.visit.window_open", "it counts from opens, which can lie before due"),
        ("heads_up: opens + 1d", "25, ladders.visit.window_open", "opens can come before heads_up"),
    ],
)
def test_a_step_that_can_come_too_early_is_told_with_its_line(step, told_at, what):
    (sentence,) = told(f"{LADDER}    {step}\n")

    assert sentence.startswith(f"plan.yaml line {told_at}: ")
    assert what in sentence


@pytest.mark.parametrize("step", ["backup: closes + 3wd", "backup: closes + 1w", "backup: closes + 1mo"])
def test_steps_may_meet_and_never_pass_each_other(step):
    assert study_from_text(f"{LADDER}    {step}\n", "plan.yaml").ladders["visit"].steps[-1].step is Step.BACKUP


def test_reminders_of_a_task_come_in_order():
    sentences = told(changed("due: visit + 5wd", "due: visit + 5wd\n        remind: [3wd, 0d]"))

    assert [sentence.split(": ")[0] for sentence in sentences] == [
        "plan.yaml line 18, visits[scan].tasks[upload].remind"
    ]


def leaving(events):
    return changed("  registration:", f"{events}  registration:")


def test_an_event_may_say_why_a_patient_left():
    study = study_from_text(leaving("  gone: {label: Gone, ends: visits, leaving: lost}\n"), "plan.yaml")

    assert {name: event.leaving for name, event in study.events.items()} == {
        "registration": None,
        "surgery": None,
        "gone": LeavingKind.LOST,
    }


@pytest.mark.parametrize(
    ("events", "where", "what"),
    [
        ("  a: {label: A, leaving: lost}\n", "line 4, events.a.leaving", "add ends: all"),
        ("  a: {label: A, ends: all, leaving: dead}\n", "line 4, events.a.leaving", "did you mean death"),
        ("  a: {label: A, ends: all, leaving: withdrawn}\n", "line 4, events.a.leaving", "withdrawn_from_visits or"),
        (
            "  a: {label: A, ends: all, leaving: lost}\n  b: {label: B, ends: all, leaving: lost}\n",
            "line 5, events.b.leaving",
            "lost is what the event a stands for already",
        ),
    ],
)
def test_a_way_of_leaving_is_precise_and_has_one_event(events, where, what):
    sentences = told(leaving(events))

    assert [sentence for sentence in sentences if sentence.startswith(f"plan.yaml {where}") and what in sentence] != []


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ("claims: {unseen_after: 0wd}", "plan.yaml line 23, claims.unseen_after: nobody has had the time to look"),
        ("claims: {unseen_after: soon}", "plan.yaml line 23, claims.unseen_after: this is not an offset"),
        ("claims: {unseen: 5wd}", "plan.yaml line 23, claims.unseen: the key 'unseen' is not known here"),
        ("claims: 5wd", "plan.yaml line 23, claims: a mapping is expected here"),
    ],
)
def test_how_long_a_claim_may_be_unseen_is_checked(claims, what):
    assert [sentence for sentence in told(f"{SOUND}{claims}\n") if sentence.startswith(what)] != []


def test_without_a_word_about_claims_none_comes_back():
    assert study_from_text(SOUND, "plan.yaml").claims_unseen_after is None
    assert str(study_from_text(f"{SOUND}claims: {{unseen_after: 5wd}}\n", "plan.yaml").claims_unseen_after) == "5wd"


WORDS = st.sampled_from(
    ["label", "when", "surgery", "{", "}", "[", "]", ":", "-", "\n", "  ", "6mo", "every", '"', "&", "*", "#"]
)


@settings(max_examples=150)
@given(place=st.integers(0, len(SOUND)), cut=st.integers(0, 40), words=st.lists(WORDS, max_size=6))
def test_whatever_is_written_the_reader_answers_in_sentences(place, cut, words):
    text = SOUND[:place] + " ".join(words) + SOUND[place + cut :]
    try:
        study_from_text(text, "plan.yaml")
    except ProblemError as error:
        assert all(str(problem).startswith("plan.yaml") for problem in error.problems)  # noqa: PT017 - either is right


# --- questions and versions -------------------------------------------------------------------------------------------


def test_a_question_is_open_until_it_is_answered():
    asked = "questions:\n  - {id: a, about: scan, ask: Before noon}\n  - {id: b, ask: Which arm, answer: Both}\n"
    study = study_from_text(SOUND + asked, "plan.yaml")

    assert [question.id for question in study.open_questions] == ["a"]
    assert [question.answer for question in study.questions] == ["", "Both"]


TABLE = """\
amendments:
  - {version: "0.9", active: {default: 2026-01-05}}
  - version: "1.0"
    active: {default: null, "417": 2026-09-01}
    applies_to: new_patients
    changes: Every four months instead of three
    renames: {fu_3mo: fu_4mo, fu_9mo: drop}
"""


def test_the_table_of_versions_says_who_uses_this_one():
    own = study_from_text(SOUND + TABLE, "plan.yaml").amendment

    assert own is not None
    assert own.active == {"default": None, "417": date(2026, 9, 1)}
    assert own.applies_to is AppliesTo.NEW_PATIENTS
    assert own.renames == {"fu_3mo": "fu_4mo", "fu_9mo": None}


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (TABLE.replace('"1.0"', '"2.0"'), "the table says nothing of this file's version 1.0"),
        (TABLE.replace('"0.9"', '"1.0"'), "version 1.0 is there twice"),
        (TABLE.replace("2026-09-01", "soon"), "'soon' is no date"),
        ("questions:\n  - {id: a, ask: Who}\n  - {id: a, ask: When}\n", "the id a is there twice"),
        ("questions:\n  - {id: a}\n", "ask is missing"),
        ("questions:\n  - {id: a, ask: Who, answer: []}\n", "one value is expected here"),
        (TABLE.replace("default: null", "default: []"), "one value is expected here"),
    ],
)
def test_what_is_wrong_with_questions_and_versions_is_told(table, what):
    assert any(what in problem for problem in told(SOUND + table))
