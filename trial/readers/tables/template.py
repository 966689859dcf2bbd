"""The template of a schedule: its parts with a line that explains each column, and examples that are left out when read. Pure."""

import re
from collections.abc import Mapping

from trial.readers.tables.words import CONTACTS, FUNCTIONS, HEADINGS, KINDS, STUDY_HEADINGS, Part

HOW_TO: tuple[str, ...] = (
    "# A schedule of visits for Sitebell: one row a visit, in the part Visits. Lines that begin with # are remarks.",
    "# Rows whose name begins with Example are left out: write over them, or delete them.",
    "# One column for each thing that a site uploads or sends, headed Upload ... or Send ..., with an X where it happens.",
    "# A question mark behind a value says that nobody is sure of it; it is read, and listed as unverified.",
    "# Columns that you do not need may go, their order is free, and other columns may be added.",
)

EXPLANATIONS: Mapping[Part, Mapping[str, str]] = {
    Part.VISITS: {
        "label": "What the visit is called at the sites",
        "id": "May stay empty; else a short name that never changes: small letters, digits, underscores",
        "from": "The event that the days are counted from, as in the part Events",
        "when": "4 weeks; 28 days before; on the day; Week 4; Day 15; on request",
        "window": "±7 d; -3/+7 d; 0 to +14 d. Empty: the day itself is the only one",
        "repeat": "every 3 months until 24 months, then every 6 months until 60 months",
        "basis": "previous visit, where each counts from the one before; else empty",
        "only_if": "Margin is clear; not operated. A fact or an event of this table",
        "stop": "Events after which it does not repeat any more, such as Relapse",
        "not_before": "A day that it cannot lie before: 2027-06-30, or 3 weeks after surgery",
        "not_after": "A day that it cannot lie after",
        "records": "The event whose date this visit gives, such as Surgery",
        "hold": "What is done, where that is not what the visit is called",
        "contact": "phone, video or letter; empty in the clinic",
        "function": "coordination, imaging, surgery, pathology or data; empty: coordination",
        "source": "Where the protocol says it",
        "note": "A remark",
    },
    Part.EVENTS: {
        "label": "What happens once to a patient and has a date",
        "id": "May stay empty",
        "required": "yes for the event that every patient begins with",
        "estimate": "When it is expected until its date is known: 12 weeks after registration",
        "expect": "The day from which its date is asked for, where no visit gives it",
        "not_before": "An event that it cannot lie before",
        "ends": "all: nothing more for this patient. visits: no later visits. Else empty",
        "leaving": "death, lost, transferred, not operated, withdrawn from visits, withdrawn from everything, other",
        "only_if": "Asked for only then",
        "function": "Who gives the date",
        "source": "Where the protocol says it",
        "note": "A remark",
    },
    Part.FACTS: {
        "label": "An answer that the schedule depends on",
        "id": "May stay empty",
        "ask": "The question to the site",
        "values": "clear = Clear; not_clear = Not clear",
        "ask_at": "The day from which it is asked: 2 weeks after surgery",
        "only_if": "Asked only then",
        "function": "Who answers",
        "source": "Where the protocol says it",
        "note": "A remark",
    },
    Part.TASKS: {
        "label": "As it heads its column in Visits",
        "id": "May stay empty",
        "kind": "upload or send",
        "due": "How long after the visit: 5 working days",
        "function": "Who does it",
        "short": "What stands on a button, such as CT",
        "source": "Where the protocol says it",
        "note": "A remark",
    },
}
STUDY_EXPLANATIONS: Mapping[str, str] = {
    "id": "Capital letters, digits and hyphens, 20 at most",
    "title": "In English; a row Title (de) for each further language",
    "version": "Of the protocol, such as 1.0",
    "subject_id": r"The form of patients' codes, such as \d{3}-\d{3}; may stay empty",
    "languages": "Those that the study sends, such as en, de; then a column Visit (de) is needed for each",
    "day_numbers": "What the event's own day is called: Day 1 or Day 0",
    "week_numbers": "Whether Week 4 is 4 weeks after the event, or: Week 1 begins with the event",
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    "function": tuple(FUNCTIONS),
    "contact": tuple(word for word in CONTACTS if word),
    "kind": tuple(KINDS),
    "ends": ("all", "visits"),
    "required": ("yes",),
    "basis": ("previous visit",),
}
"""What a cell can be chosen from."""

ACTIVITIES = ("Upload CT", "Send form")

EXAMPLES: Mapping[Part, tuple[Mapping[str, str], ...]] = {
    Part.VISITS: (
        {"label": "Example: Baseline scan", "from": "Registration", "when": "on the day", "window": "28 d before to 0 d",
         "function": "imaging", "Upload CT": "X"},
        {"label": "Example: Week 4", "from": "Registration", "when": "4 weeks", "window": "±3 d", "Send form": "X"},
        {"label": "Example: Surgery", "from": "Registration", "when": "12 weeks", "window": "7 d before to 21 d after",
         "records": "Surgery", "function": "surgery"},
        {"label": "Example: Follow-up", "from": "Surgery", "window": "±14 d",
         "repeat": "every 3 months until 24 months, then every 6 months until 60 months", "stop": "Relapse",
         "Upload CT": "X", "Send form": "X"},
        {"label": "Example: Scan on request", "when": "on request", "Upload CT": "X"},
    ),
    Part.EVENTS: (
        {"label": "Registration", "required": "yes"},
        {"label": "Example: Surgery", "estimate": "12 weeks after registration"},
        {"label": "Example: Relapse"},
        {"label": "Consent withdrawn from everything", "ends": "all", "leaving": "withdrawn from everything"},
        {"label": "Lost to follow-up", "ends": "visits", "leaving": "lost"},
        {"label": "Death", "ends": "all", "leaving": "death"},
    ),
    Part.FACTS: (
        {"label": "Example: Margin", "ask": "Was the margin clear?", "values": "clear = Clear; not_clear = Not clear",
         "ask_at": "2 weeks after surgery", "function": "surgery"},
    ),
    Part.TASKS: (
        {"label": "Example: Upload CT", "kind": "upload", "due": "5 working days", "function": "imaging", "short": "CT"},
        {"label": "Example: Send form", "kind": "send", "due": "10 working days", "function": "data"},
    ),
}  # fmt: skip
IN_LANGUAGE = re.compile(r" \([a-z]{2,3}(-[a-z]{2,4})?\)$")
LEFT_OUT = frozenset({"source", "hold", "not_before", "not_after", "basis"})
"""Columns that few need: they can be added to the template, as docs/schedule-tables.md says."""


def template() -> dict[Part, tuple[tuple[str, ...], ...]]:
    """The rows of each part: its heading, the line that explains it, and examples."""
    study = tuple((heading, "", f"# {STUDY_EXPLANATIONS[key]}") for key, heading in STUDY_HEADINGS.items())
    return {Part.STUDY: study} | {part: _part(part) for part in HEADINGS}


def _part(part: Part) -> tuple[tuple[str, ...], ...]:
    keys = [key for key in HEADINGS[part] if part is not Part.VISITS or key not in LEFT_OUT]
    activities = list(ACTIVITIES) if part is Part.VISITS else []
    place = len(keys) - 1  # before the note
    headings = [HEADINGS[part][key] for key in keys]
    explained = [EXPLANATIONS[part][key] for key in keys]
    headings[place:place] = activities
    explained[place:place] = ["X where it happens" for _ in activities]
    keys[place:place] = activities
    return (
        tuple(headings),
        (f"# {explained[0]}", *explained[1:]),
        *(tuple(example.get(key, "") for key in keys) for example in EXAMPLES[part]),
    )


def explanation(part: Part, heading: str) -> str:
    """What a column is for, by its heading."""
    known = {HEADINGS[part][key]: text for key, text in EXPLANATIONS[part].items()} if part in HEADINGS else {}
    return known.get(heading) or known.get(IN_LANGUAGE.sub("", heading), "")


def choices(part: Part, heading: str) -> tuple[str, ...]:
    """What a cell of this column can be chosen from; nothing where it is written freely."""
    keys = {text: key for key, text in HEADINGS[part].items()} if part in HEADINGS else {}
    return CHOICES.get(keys.get(heading, ""), ())
