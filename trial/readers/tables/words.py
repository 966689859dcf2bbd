"""The words that tables use: parts, columns, who does something, how a visit is held. Compared by letters and digits."""

from collections.abc import Mapping
from enum import StrEnum


class Part(StrEnum):
    """A part of the table: a sheet of its own, or rows under its name."""

    STUDY = "study"
    VISITS = "visits"
    EVENTS = "events"
    FACTS = "facts"
    TASKS = "tasks"


PARTS: Mapping[str, Part] = {
    "study": Part.STUDY,
    "study details": Part.STUDY,
    "about": Part.STUDY,
    "visits": Part.VISITS,
    "visit": Part.VISITS,
    "schedule": Part.VISITS,
    "visit schedule": Part.VISITS,
    "soa": Part.VISITS,
    "schedule of activities": Part.VISITS,
    "schedule of assessments": Part.VISITS,
    "schedule of events": Part.VISITS,
    "events": Part.EVENTS,
    "anchors": Part.EVENTS,
    "milestones": Part.EVENTS,
    "facts": Part.FACTS,
    "tasks": Part.TASKS,
    "uploads": Part.TASKS,
    "uploads and forms": Part.TASKS,
}

ACTIVITY = "activity"
"""The key of a column that is none of the known ones: something that happens where its cells have an X."""
GROUP = "group"
"""The key of a column that names what visits have in common, or stands above things that happen: `Procedure`."""

STUDY_ROWS: Mapping[str, tuple[str, ...]] = {
    "id": ("study id", "study", "id", "study code", "protocol id", "protocol number", "protocol no", "short name"),
    "title": ("title", "study title", "full title"),
    "version": ("version", "protocol version"),
    "subject_id": ("subject id", "subject id pattern", "patient code", "patient code pattern", "patient id"),
    "languages": ("languages", "language"),
    "day_numbers": ("day numbers", "day numbering", "day of the event", "first day", "days"),
    "week_numbers": ("week numbers", "week numbering", "weeks"),
}

COLUMNS: Mapping[Part, Mapping[str, tuple[str, ...]]] = {
    Part.VISITS: {
        "label": (
            "visit", "visit name", "visit label", "name", "label", "time point", "timepoint", "study visit", "visits",
        ),
        "group": (
            "assessment", "assessments", "procedure", "procedures", "study procedure", "study procedures", "activity",
            "activities", "examination", "examinations", "evaluation", "evaluations", "test", "tests", "phase", "period",
            "epoch", "stage", "study period", "study phase", "trial period",
        ),
        "id": ("id", "visit id", "visit code", "code", "short name"),
        "number": ("no", "nr", "visit no", "visit number", "number", "row"),
        "from": ("counts from", "counted from", "from", "anchor", "reference", "reference event", "relative to", "event"),
        "when": (
            "when", "date", "visit date", "planned date", "scheduled date", "target date", "target", "timing", "time", "schedule", "planned", "offset",
            "scheduled", "interval", "at",
        ),
        "window": (
            "window", "visit window", "windows", "allowed window", "tolerance", "permitted deviation", "allowed",
            "time window", "window allowed", "permitted window", "acceptable window",
        ),
        "repeat": ("repeat", "repeats", "rhythm", "frequency", "repeated"),
        "basis": ("each counts from", "basis", "repeats count from"),
        "only_if": ("only if", "condition", "if", "applies if", "only for", "applies to"),
        "stop": ("stop after", "stops after", "stop", "stops", "until event", "ends after"),
        "window_before": ("window before", "days before", "lower", "lower limit", "window lower", "window minus"),
        "window_after": ("window after", "days after", "upper", "upper limit", "window upper", "window plus"),
        "not_before": ("not before",),
        "not_after": ("not after", "no later than"),
        "tasks": ("tasks", "uploads", "to upload", "to send", "site tasks", "uploads and forms"),
        "records": ("gives the date of", "records", "dates", "date of"),
        "hold": ("what is done", "hold", "done at the visit"),
        "contact": ("contact", "visit type", "type of visit", "type", "how", "mode"),
        "due": ("upload due", "due after visit", "uploads due", "forms due", "tasks due", "data due", "send due"),
        "function": ("who", "responsible", "function", "done by", "by whom", "site function"),
        "source": ("source", "protocol section", "section", "reference in protocol"),
        "note": ("note", "notes", "comment", "comments", "remark", "remarks", "footnote", "footnotes"),
    },
    Part.EVENTS: {
        "label": ("event", "name", "label", "anchor", "milestone"),
        "id": ("id", "event id", "code"),
        "required": ("from the start", "required", "given at the start", "every patient has it"),
        "estimate": ("expected", "estimate", "estimated", "expected at", "expected date"),
        "expect": ("asked for from", "ask from", "ask at", "asked from"),
        "not_before": ("not before",),
        "ends": ("ends", "closes", "what it ends"),
        "leaving": ("leaving", "patient leaves", "way of leaving"),
        "only_if": ("only if", "condition", "if"),
        "function": ("who", "responsible", "function"),
        "source": ("source", "protocol section"),
        "note": ("note", "notes", "comment", "remark"),
    },
    Part.FACTS: {
        "label": ("fact", "name", "label"),
        "id": ("id", "fact id", "code"),
        "ask": ("question", "ask", "asked"),
        "values": ("values", "answers", "choices"),
        "ask_at": ("asked from", "ask at", "ask from", "asked for from", "asked at"),
        "only_if": ("only if", "condition", "if"),
        "function": ("who", "responsible", "function"),
        "source": ("source", "protocol section"),
        "note": ("note", "notes", "comment", "remark"),
    },
    Part.TASKS: {
        "label": ("task", "name", "label", "upload or form"),
        "id": ("id", "task id", "code"),
        "kind": ("kind", "type"),
        "due": ("due", "due after visit", "due after the visit"),
        "function": ("who", "responsible", "function"),
        "short": ("button", "short", "short name"),
        "source": ("source", "protocol section"),
        "note": ("note", "notes", "comment", "remark"),
    },
}  # fmt: skip

READ_ALONE = frozenset({"number", GROUP, "window_before", "window_after", "tasks", "due"})
"""Columns of visits that are read where others use them; tables written here say the same in other columns."""
HEADINGS: Mapping[Part, Mapping[str, str]] = {
    part: {
        key: words[0].capitalize() for key, words in columns.items() if part is not Part.VISITS or key not in READ_ALONE
    }
    for part, columns in COLUMNS.items()
}
STUDY_HEADINGS: Mapping[str, str] = {key: words[0].capitalize() for key, words in STUDY_ROWS.items()}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "coordination": ("coordination", "coordinator", "study coordinator", "study nurse", "nurse", "crc", "site staff"),
    "imaging": ("imaging", "radiology", "radiologist", "radiographer"),
    "surgery": ("surgery", "surgeon", "surgical team"),
    "pathology": ("pathology", "pathologist"),
    "data": ("data", "data manager", "data management", "data entry"),
}
CONTACTS: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone", "telephone", "phone call", "telephone call", "call", "tel", "by phone", "phone contact"),
    "video": ("video", "video call", "by video", "telemedicine", "telehealth"),
    "letter": ("letter", "by letter", "post", "mail", "by post"),
    "": ("clinic", "in clinic", "on site", "onsite", "in person", "hospital", "visit", "site", "clinic visit"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "upload": ("upload", "uploads", "images", "scan", "imaging"),
    "send": ("send", "form", "report", "document"),
}
BASES: Mapping[str, tuple[str, ...]] = {
    "anchor": ("event", "the event", "anchor"),
    "previous": ("previous", "previous visit", "the previous visit", "the visit before", "visit before"),
}
YES: frozenset[str] = frozenset({"yes", "y", "true", "x", "1", "✓", "✔", "☑", "✅"})
NO: frozenset[str] = frozenset({"", "no", "n", "false", "0", "-"})
MARKS: frozenset[str] = frozenset(
    {"x", "xx", "✓", "✔", "✗", "✘", "☑", "☒", "✅", "•", "●", "○", "〇", "◯", "■", "◼", "∙", "yes", "y", "1", "+", "×"}
)
"""What stands where an activity happens."""
NO_MARKS: frozenset[str] = frozenset({"", "-", "no", "n", "0", "n/a", "na", "none"})

EXAMPLE = "example"
"""A row whose name begins with it belongs to the template and is left out."""

REGISTRATIONS: tuple[str, ...] = (
    "registration", "first registration", "randomisation", "randomization", "enrolment", "enrollment", "inclusion", "entry", "study entry",
    "informed consent", "consent",
)  # fmt: skip
"""Events that a patient has from the start, where nothing else says it."""

IMAGING: tuple[str, ...] = (
    "ct", "mri", "mr", "pet", "scan", "scans", "imaging", "images", "x ray", "xray", "ultrasound", "cxr", "radiograph", "mammography", "dicom",
)  # fmt: skip
FORMS: tuple[str, ...] = (
    "form", "forms", "questionnaire", "questionnaires", "report", "crf", "ecrf", "qol", "record", "diary",
)  # fmt: skip


def meaning(text: str, words: Mapping[str, tuple[str, ...]]) -> str | None:
    """The key of a word as `named` gives it."""
    return next((key for key, known in words.items() if text in known or text == key.replace("_", " ")), None)
