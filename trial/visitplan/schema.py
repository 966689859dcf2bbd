"""The JSON Schema of visitplan/1, for editors: completion, and a first look at every key while somebody writes.

It knows which keys stand where and what they look like. What refers to something else (an event, a fact, a task set), and
whether dates make sense, only the reader knows: whatever this refuses the reader refuses too, and not the other way round.
Editors read YAML with numbers and truths, Sitebell reads texts: a text may therefore look like either.
"""

from enum import StrEnum
from typing import Any

from trial.answers import LeavingKind
from trial.study import AppliesTo, Basis, EndsKind, Step, TaskClass
from trial.tasks import SiteFunction, TaskKind
from trial.visitplan.campaigns import MOST_ROUNDS
from trial.visitplan.definition import FORMAT, MOST, STUDY_ID, DayNumbers
from trial.visitplan.documents import LONGEST_TEXT
from trial.visitplan.overdue import Preset
from trial.visitplan.visits import MOST_TASKS, Contact, SiteTaskKind

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FILE = "visitplan.schema.json"

IDENTITY = r"^[a-z][a-z0-9_]{0,39}$"
OFFSET = r"^\s*[+-]?\s*\d{1,5}\s*(d|wd|w|mo|y)\s*$"

ANYTHING: Schema = {}
TEXT: Schema = {"$ref": "#/$defs/text"}
FLAG: Schema = {"enum": [True, False, "true", "false"]}
NOTES: dict[str, Schema] = {key: {"$ref": f"#/$defs/{key}"} for key in ("source", "note", "unverified")}


def schema() -> Schema:
    """The schema as a tree that can be written as JSON."""
    sections: dict[str, Schema] = {
        "format": {"const": FORMAT},
        "study": _said("What the study is called, and in which version.", _study()),
        "events": _said("Dated things in a patient's course that others count from.", _named("event", MOST["events"])),
        "facts": _said("Answers that the plan depends on.", _named("fact", MOST["facts"])),
        "task_sets": _said("Tasks that several visits share.", _by_id(_listed(_ref("task")), MOST["task_sets"])),
        "visits": _said("Planned encounters, each with its tasks.", _listed(_ref("visit"), MOST["visits"])),
        "campaigns": _said(
            "What is asked for on fixed dates, of all patients.", _listed(_ref("campaign"), MOST["campaigns"])
        ),
        "ladders": _said("When a task rings, and whom.", _named("ladder", MOST["ladders"])),
        "overdue_after": _said("How long something may be late before it counts as overdue.", _overdue()),
        "claims": _said("Uploads that a site has claimed.", _entry({"unseen_after": _ref("offset")})),
        "amendments": _said("Who uses which version.", _listed(_ref("amendment"), MOST["amendments"])),
        "questions": _said("What somebody has still to decide.", _listed(_ref("question"), MOST["questions"])),
    }
    top = _entry(sections, needed=("format", "study", "events", "visits"))
    top["properties"]["source"] = {
        "description": "A remark, or where a reader took it from.",
        "anyOf": [
            TEXT,
            {"type": "array"},
            {"type": "object", "propertyNames": {"enum": ["from", "file", "map", "value", *NOTES]}},
        ],
    }
    return {
        "$schema": DRAFT,
        "title": "A study file of Sitebell (visitplan/1)",
        **top,
        "$defs": {
            "source": {"description": "Where it comes from."},
            "note": {"description": "A remark."},
            "unverified": {"description": "No source backs it: sitebell study check lists it.", **FLAG},
            "text": {"type": ["string", "number", "boolean"]},
            "wrapped": {
                "type": "object",
                "properties": {"value": ANYTHING} | NOTES,
                "required": ["value"],
                "additionalProperties": False,
            },
            "labels": _labels(),
            "offset": _pattern(OFFSET),
            "event": _event(),
            "fact": _fact(),
            "visit": _visit(),
            "reason": _entry(
                {"id": _pattern(IDENTITY), "label": _ref("labels"), "records": TEXT}, needed=("id", "label")
            ),
            "campaign": _campaign(),
            "task": _task(),
            "ladder": _entry({step.value: _pattern(r"^\s*(opens|due|closes)\b") for step in Step}),
            "amendment": _amendment(),
            "question": _entry(dict.fromkeys(("id", "about", "ask", "answer"), TEXT), needed=("id", "ask")),
        },
    }


# --- sections ---------------------------------------------------------------------------------------------------------


def _study() -> Schema:
    return _entry(
        {
            "id": _pattern(f"^{STUDY_ID.pattern}$"),
            "title": _ref("labels"),
            "version": _said("In quotes.", TEXT),
            "languages": _said("Approved for sending: each needs every label.", _texts()),
            "subject_id": _said(r"The form of patients' codes, such as '\d{3}-\d{3}'.", TEXT),
            "day_numbers": _word(DayNumbers),
        },
        needed=("id", "title", "version"),
    )


def _event() -> Schema:
    return _entry(
        {
            "label": _ref("labels"),
            "required": _said("Given when the patient is added.", FLAG),
            "estimate": _said("The day to reckon with until a date is known.", TEXT),
            "expect": _said("The day from which its date is asked for.", TEXT),
            "not_before": _said("An event that it cannot lie before.", TEXT),
            "ends": _word(EndsKind),
            "leaving": {"enum": [kind.value for kind in LeavingKind if kind is not LeavingKind.WITHDRAWN]},
            "only_if": TEXT,
            "function": _word(SiteFunction),
            "ladder": TEXT,
        },
        needed=("label",),
    )


def _fact() -> Schema:
    return _entry(
        {
            "label": _ref("labels"),
            "ask": _ref("labels"),
            "values": {
                "anyOf": [
                    _texts(),
                    {"type": "object", "minProperties": 1, "additionalProperties": _wrapped(_ref("labels"))},
                ]
            },
            "ask_at": _said("The day from which it is asked for.", TEXT),
            "restricted": _said("A blinded arm: it steers the plan and is shown to nobody.", FLAG),
            "only_if": TEXT,
            "function": _word(SiteFunction),
            "ladder": TEXT,
        },
        needed=("values",),
    )


def _visit() -> Schema:
    return _entry(
        {
            "id": _pattern(IDENTITY),
            "label": _ref("labels"),
            "hold": _said("The words for the task to hold it.", _ref("labels")),
            "when": _said("The target: surgery + 6w, visit(scan) + 7d, or on_request.", TEXT),
            "window": _said("First and last day, signed: -14d .. +14d.", _pattern(r"\.\.")),
            "window_from": _said("Another window from an offset on.", {"type": "object"}),
            "not_before": TEXT,
            "not_after": TEXT,
            "only_if": _said("arm == a and not happened(surgery)", TEXT),
            "repeat": _said("every 3mo until 24mo", _texts(r"^\s*every\s")),
            "repeat_if": _said("Another rhythm under a condition.", {"type": "object"}),
            "basis": _word(Basis),
            "stop": _said("No occurrence with a target after any of these events.", _texts()),
            "records": _said("The event that holding it dates.", TEXT),
            "reasons": _listed(
                _entry({"id": _pattern(IDENTITY), "label": _ref("labels"), "records": TEXT}, needed=("id", "label"))
            ),
            "tasks": _tasks(),
            "contact": _word(Contact),
            "function": _word(SiteFunction),
            "ladder": TEXT,
            "class": _word(TaskClass),
        },
        needed=("id", "label", "when"),
    )


def _campaign() -> Schema:
    day = _pattern(r"^\s*\d{4}-\d{2}-\d{2}\s*$")
    dated = _entry({"opens": day, "due": day, "closes": day}, needed=("opens", "closes"))
    return _entry(
        {
            "id": _pattern(IDENTITY),
            "label": _ref("labels"),
            "rounds": _listed({"anyOf": [_pattern(r"\.\."), dated]}, MOST_ROUNDS),
            "only_if": TEXT,
            "tasks": _tasks(),
            "function": _word(SiteFunction),
            "ladder": TEXT,
            "class": _word(TaskClass),
        },
        needed=("id", "label", "rounds", "tasks"),
    )


def _task() -> Schema:
    return _entry(
        {
            "id": _pattern(IDENTITY),
            "label": _ref("labels"),
            "short": _said("What a button says of it.", _ref("labels")),
            "kind": _word(SiteTaskKind),
            "due": _said("visit + 5wd", _pattern(r"^\s*visit")),
            "remind": _texts(OFFSET),
            "escalate": _ref("offset"),
            "function": _word(SiteFunction),
            "ladder": TEXT,
            "class": _word(TaskClass),
        },
        needed=("id", "label"),
    )


def _overdue() -> Schema:
    keys = [kind.value for kind in TaskKind] + [one.value for one in TaskClass]
    return {"anyOf": [_word(Preset), _entry(dict.fromkeys(keys, _ref("offset")))]}


def _amendment() -> Schema:
    return _entry(
        {
            "version": TEXT,
            "file": TEXT,
            "changes": TEXT,
            "active": _said("default or a site's number: the day, or null.", {"type": "object"}),
            "applies_to": _word(AppliesTo),
            "renames": _said("An occurrence of the version before: its new id, or drop.", {"type": "object"}),
        },
        needed=("version", "active"),
    )


# --- what they are made of --------------------------------------------------------------------------------------------


def _entry(keys: dict[str, Schema], *, needed: tuple[str, ...] = ()) -> Schema:
    """A mapping with these keys, each of which may be wrapped with its source, and no others."""
    return {
        "type": "object",
        "properties": {key: _wrapped(value) for key, value in keys.items()} | NOTES,
        "required": list(needed),
        "additionalProperties": False,
    }


def _wrapped(value: Schema) -> Schema:
    """The value, or its wrapping; what is wrong inside of that only the reader tells."""
    description = {"description": value["description"]} if "description" in value else {}
    plain = {key: part for key, part in value.items() if key != "description"}
    return description | {"anyOf": [*plain.get("anyOf", [plain]), _ref("wrapped")]}


def _named(definition: str, most: int) -> Schema:
    return _by_id(_ref(definition), most)


def _by_id(value: Schema, most: int) -> Schema:
    return {
        "type": "object",
        "properties": NOTES,
        "patternProperties": {IDENTITY: value},
        "additionalProperties": False,
        "maxProperties": most + len(NOTES),
    }


def _listed(value: Schema, most: int = MOST_TASKS) -> Schema:
    """A list, or one thing without brackets."""
    return {"anyOf": [{"type": "array", "items": value, "maxItems": most}, value]}


def _tasks() -> Schema:
    return _said("Tasks, or the names of task sets.", _listed({"anyOf": [{"type": "string"}, _ref("task")]}))


def _texts(pattern: str | None = None) -> Schema:
    one = TEXT if pattern is None else _pattern(pattern)
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _labels() -> Schema:
    text = TEXT | {"minLength": 1, "maxLength": LONGEST_TEXT}
    of_languages = {
        "type": "object",
        "required": ["en"],
        "propertyNames": {"pattern": r"^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$"},
        "additionalProperties": text,
    }
    return {"description": "A text in English, or one for each language.", "anyOf": [text, of_languages]}


def _word(kind: type[StrEnum]) -> Schema:
    return {"enum": [word.value for word in kind]}


def _pattern(pattern: str) -> Schema:
    return TEXT | {"pattern": pattern}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _said(description: str, value: Schema) -> Schema:
    return {"description": description} | value
