"""The words that tests of the rules speak in: two studies, and courses of imagined patients."""

from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

from office.study_files import read_study, study_from_text
from trial.calendars import WorkingCalendar
from trial.moments import Instant, at_local, zone
from trial.study import Study
from trial.timeline import Certainty, Course, EventDate

CHECKOUT = Path(__file__).resolve().parents[2]
PLAIN_WEEK = WorkingCalendar()
ZONES = (
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Los_Angeles",
    "America/Nuuk",
    "America/St_Johns",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)


@lru_cache(maxsize=1)
def dream() -> Study:
    return read_study(CHECKOUT / "studies" / "dream.yaml")


@lru_cache(maxsize=1)
def small() -> Study:
    return read_study(CHECKOUT / "tests" / "studies" / "small.yaml")


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, where: str = "Europe/Berlin") -> Instant:
    """`2026-03-02 08:30` by the clocks there."""
    moment = datetime.fromisoformat(text)
    return at_local(moment.date(), time(moment.hour, moment.minute), zone(where))


def happened(**days: str) -> dict[str, EventDate]:
    return {name: EventDate(day(text), Certainty.HAPPENED) for name, text in days.items()}


def planned(**days: str) -> dict[str, EventDate]:
    return {name: EventDate(day(text), Certainty.PLANNED) for name, text in days.items()}


def course(*events: dict[str, EventDate], facts=None, held=None) -> Course:
    merged = {name: date for group in events for name, date in group.items()}
    return Course(merged, facts or {}, {occurrence: day(text) for occurrence, text in (held or {}).items()})


def study_with(visits: str = "", *, events: str = "", facts: str = "") -> Study:
    """A study with a registration and whatever a test is about; YAML of two spaces' indentation."""
    return study_from_text(
        "format: visitplan/1\n"
        'study: {id: TEST, title: Test, version: "1"}\n'
        f"events:\n  registration: {{label: Registration, required: true}}\n{events}\n"
        f"facts: {{{facts}}}\n"
        f"visits:\n{visits or '  - {id: visit, label: Visit, when: registration}'}\n",
        "test.yaml",
    )


DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2029, 12, 31))


@st.composite
def courses(draw, study: Study, *, anchored: bool = True) -> Course:
    """Any course of the study, possible in life or not."""
    events = draw(
        st.dictionaries(
            st.sampled_from(sorted(study.events)), st.builds(EventDate, DAYS, st.sampled_from(list(Certainty)[1:]))
        )
    )
    if anchored:
        events[study.registration] = EventDate(draw(DAYS), Certainty.HAPPENED)
    facts = {
        name: draw(st.sampled_from(sorted(fact.values))) for name, fact in study.facts.items() if draw(st.booleans())
    }
    occurrences = [visit.id for visit in study.visits.values() if not visit.repeats]
    occurrences += [f"fu_{offset}" for offset in ("3mo", "6mo", "12mo")] + ["call_1", "call_2"]
    known = [name for name in occurrences if name in study.visits or name.rpartition("_")[0] in study.visits]
    return Course(events, facts, draw(st.dictionaries(st.sampled_from(known), DAYS, max_size=3)))
