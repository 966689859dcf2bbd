"""The demo's world: DREAM with a dozen sites in Europe, Japan and the United States. Nothing here is like a real person.

Days are counted from the day of the first start, 0, backwards: a year of the trial is lived before it (decision 0015). Every
number of this page is invented; windows, intervals and ladders come from the study file alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rehearsal.script import (
    LATE,
    PROMPT,
    SLOW,
    STEADY,
    Correction,
    Leave,
    Patient,
    Place,
    Player,
    Replies,
    Script,
    Telephone,
)
from trial.answers import LeavingKind
from trial.people import Role
from trial.tasks import SiteFunction

STUDY: Final = Path(__file__).resolve().parent.parent / "studies" / "dream.yaml"
SEED: Final = 1530
YEAR: Final = -365
STEP: Final = 118
"""Days between two patients of a site."""
IN_TWO_WEEKS: Final = 14

PLACES: Final = (
    Place("104", "Berlin", "DE", "BE", "Europe/Berlin", YEAR, stuck=0.3, never=0.6),
    Place("215", "Wien", "AT", None, "Europe/Vienna", YEAR, stuck=0.65, never=0.85),
    Place("231", "Bern", "CH", "BE", "Europe/Zurich", YEAR),
    Place("302", "Leuven", "BE", None, "Europe/Brussels", YEAR, stuck=0.12),
    Place("402", "Tokyo", "JP", None, "Asia/Tokyo", YEAR, stuck=0.12),
    Place("417", "Osaka", "JP", None, "Asia/Tokyo", YEAR, stuck=0.4, never=0.7),
    Place("421", "Nagoya", "JP", None, "Asia/Tokyo", YEAR, stuck=0.55, never=0.75),
    Place("512", "Leeds", "GB", "ENG", "Europe/London", YEAR, stuck=0.4, never=0.7),
    Place("611", "Houston", "US", "TX", "America/Chicago", YEAR, stuck=0.4, never=0.6),
    Place("624", "Boston", "US", "MA", "America/New_York", YEAR, stuck=0.9, never=0.92, known=0.3),
    Place("704", "Lyon", "FR", None, "Europe/Paris", YEAR, stuck=0.4, never=0.7),
    # Joins two weeks later, with eight patients who are under way already: what fell due before is told to nobody.
    Place("708", "Toulouse", "FR", None, "Europe/Paris", IN_TWO_WEEKS),
)
ZONES: Final = {place.number: place.zone for place in PLACES}

OFFICE: Final = Player(1_000, "Trial manager", "en", "Europe/Brussels", None, Role.MANAGER, PROMPT, country="BE")

SCANS: Final = frozenset({SiteFunction.IMAGING})
ALL_ELSE: Final = frozenset(SiteFunction) - SCANS


def _at(number: str, nth: int, name: str, language: str, role: Role = Role.COORDINATOR) -> Player:
    """The `nth` person of a site. Investigators hear of little, and answer late."""
    habit = LATE if role is Role.INVESTIGATOR else STEADY
    return Player(int(number) * 1_000 + nth, name, language, ZONES[number], number, role, habit)


INVESTIGATOR: Final = Role.INVESTIGATOR

PLAYERS: Final = (
    OFFICE,
    replace(_at("104", 1, "Koordination K", "de"), habit=PROMPT),
    replace(_at("104", 2, "Koordination L", "de"), joins=None, functions=SCANS),
    _at("104", 3, "Prüfarzt M", "de", INVESTIGATOR),
    replace(_at("215", 1, "Koordination N", "de"), habit=LATE),
    replace(_at("215", 2, "Koordination O", "de"), functions=SCANS),
    # Away as the demo begins, and a colleague stands in.
    replace(_at("231", 1, "Koordination P", "de"), leaves=(Leave(-206, 16, 231_002), Leave(-5, 19, 231_002))),
    replace(_at("231", 2, "Koordination Q", "de"), habit=PROMPT, joins=-300),
    replace(_at("302", 1, "Coordinator A", "en"), habit=PROMPT, weekly=None, leaves=(Leave(-128, 18, 302_002),)),
    replace(_at("302", 2, "Coordinator D", "en"), functions=SCANS),
    _at("302", 3, "Investigator E", "en", INVESTIGATOR),
    replace(_at("402", 1, "コーディネーターR", "ja"), habit=PROMPT, weekly=None, leaves=(Leave(-75, 12),)),
    replace(_at("402", 2, "コーディネーターS", "ja"), joins=None, functions=SCANS),
    _at("402", 3, "責任医師T", "ja", INVESTIGATOR),
    replace(_at("417", 1, "コーディネーターB", "ja"), habit=PROMPT, weekly=None),
    _at("417", 2, "責任医師F", "ja", INVESTIGATOR),
    replace(_at("421", 1, "コーディネーターU", "ja"), habit=STEADY, weekly=2),
    replace(_at("421", 2, "コーディネーターV", "ja"), functions=SCANS, leaves=(Leave(-160, 24, 421_001),)),
    # Nothing comes from here any more: one does not answer, the other has blocked the bot.
    replace(_at("512", 1, "Coordinator I", "en"), silent_from=-131),
    replace(_at("512", 2, "Coordinator J", "en"), functions=SCANS, silent_from=-138, blocks_on=-66),
    replace(_at("611", 1, "Coordinator C", "en"), habit=PROMPT, leaves=(Leave(-240, 10),)),
    _at("611", 2, "Investigator G", "en", INVESTIGATOR),
    # Answers, but late, and not everything.
    replace(_at("624", 1, "Coordinator W", "en"), habit=SLOW),
    replace(_at("624", 2, "Investigator X", "en", INVESTIGATOR), silent_from=YEAR),
    replace(_at("704", 1, "Coordinatrice Y", "fr")),
    replace(_at("704", 2, "Coordinateur Z", "fr"), joins=None, functions=SCANS),
    replace(_at("708", 1, "Coordinatrice H", "fr"), joins=-2),
)


# --- patients ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Course:
    """How long a patient's steps take, in days from the one before; visits that a site held before Sitebell."""

    reevaluation: int = 84
    second_registration: int = 98
    preoperative: int = 13
    surgery: int = 28
    follow_up: int = 182


def _patient(place: str, nth: int, registered: int, course: _Course | None = None) -> Patient:
    """Somebody registered on that day: under way when Sitebell begins, or entered on the day itself."""
    code = f"{place}-{nth:03}"
    if registered >= YEAR:
        return Patient(place, code, registered, {"first_registration": registered})
    steps = course or _Course(second_registration=94 + nth % 9, surgery=25 + nth % 7)
    second = registered + steps.second_registration
    operated = second + steps.surgery
    lesion = "no" if nth % 4 == 3 else "yes"
    held = {
        "baseline_imaging": registered - 4,
        "reevaluation_imaging": registered + steps.reevaluation,
        "preoperative_imaging": second + steps.preoperative,
    }
    if lesion == "yes":
        held |= {f"fu_{6 * number}mo": operated + steps.follow_up * number for number in (1, 2, 3, 4)}
    events = {"first_registration": registered, "second_registration": second, "surgery": operated}
    return Patient(
        place,
        code,
        YEAR,
        {name: day for name, day in events.items() if day < YEAR},
        {visit: day for visit, day in held.items() if day < YEAR},
        {"lesion_left_in_place": lesion} if operated + 14 < YEAR else {},
    )


def _regular() -> tuple[Patient, ...]:
    """Six at each site, registered over two years, so that every point of the course is taken by somebody."""
    places = [place.number for place in PLACES if place.rings_from == YEAR]
    return tuple(
        _patient(place, 6 - turn, -(5 + 11 * row + STEP * turn))
        for row, place in enumerate(places)
        for turn in reversed(range(6))
    )


LEAVES: Final[Mapping[str, tuple[int, LeavingKind, LeavingKind | None]]] = {
    "302-005": (-88, LeavingKind.DEATH, LeavingKind.DEATH),
    "611-005": (-122, LeavingKind.WITHDRAWN, LeavingKind.WITHDRAWN_FROM_VISITS),
    "417-005": (-86, LeavingKind.LOST, LeavingKind.LOST),
    "231-004": (-170, LeavingKind.TRANSFERRED, LeavingKind.TRANSFERRED),
    # Cannot be reached, and nobody has found out more yet.
    "704-004": (-24, LeavingKind.LOST, None),
}
"""Who is no longer followed: since when, what the site says, and what it is confirmed as."""

SPECIAL: Final = (
    # Chemotherapy was over: both registrations on one day.
    Patient("302", "302-017", -12, {"first_registration": -12, "second_registration": -12}, {"baseline_imaging": -14}),
    # Late since this week.
    Patient("624", "624-021", -9, {"first_registration": -9}, {"baseline_imaging": -12}),
    # What whoever opens their invitation is asked about first: scans of yesterday, and a window that opens in some days.
    *(
        patient
        for place, chat in (("104", 104_002), ("402", 402_002), ("704", 704_002))
        for patient in (
            Patient(
                place,
                f"{place}-021",
                -1,
                {"first_registration": -1},
                {"baseline_imaging": -1},
                assigned={SiteFunction.IMAGING: chat},
            ),
            Patient(place, f"{place}-020", -66, {"first_registration": -66}, assigned={SiteFunction.IMAGING: chat}),
        )
    ),
)

TOULOUSE: Final = (
    Patient("708", "708-001", -1, {"first_registration": -5}),
    Patient("708", "708-002", -1, {"first_registration": -40}, {"baseline_imaging": -42}),
    Patient("708", "708-003", -1, {"first_registration": -85}, {"baseline_imaging": -90}),
    Patient("708", "708-004", -1, {"first_registration": -95, "second_registration": -2}, {"baseline_imaging": -99}),
    Patient(
        "708",
        "708-005",
        -1,
        {"first_registration": -130, "second_registration": -20},
        {"baseline_imaging": -133, "reevaluation_imaging": -30},
    ),
    Patient(
        "708",
        "708-006",
        -1,
        {"first_registration": -180, "second_registration": -70, "surgery": -35},
        {"baseline_imaging": -182, "reevaluation_imaging": -80, "preoperative_imaging": -50},
    ),
    Patient(
        "708",
        "708-007",
        -1,
        {"first_registration": -400, "second_registration": -290, "surgery": -250},
        {"baseline_imaging": -402, "reevaluation_imaging": -300, "preoperative_imaging": -270},
        {"lesion_left_in_place": "yes"},
    ),
    Patient(
        "708",
        "708-008",
        -1,
        {"first_registration": -690, "second_registration": -580, "surgery": -540},
        {"baseline_imaging": -692, "reevaluation_imaging": -590, "preoperative_imaging": -560},
        {"lesion_left_in_place": "yes"},
    ),
)


def _leaves(patient: Patient) -> Patient:
    if patient.code not in LEAVES:
        return patient
    day, leaving, confirmed_as = LEAVES[patient.code]
    return replace(patient, departs=day, leaving=leaving, confirmed_as=confirmed_as)


PATIENTS: Final = tuple(_leaves(patient) for patient in (*_regular(), *SPECIAL, *TOULOUSE))

REASONS: Final = {
    "not_resectable": 0.06,
    "declined": 0.02,
    "progression": 0.05,
    "found_unresectable": 0.03,
    "mri_not_possible": 0.02,
    "recurrence": 0.05,
}
REPLIES: Final = {
    "en": Replies("done on {day:%d %B %Y}", "images uploaded on {day:%d %B %Y}", "CT and MRI uploaded yesterday"),
    "ja": Replies(
        "{day.month}月{day.day}日に実施しました",
        "{day.month}月{day.day}日に画像をアップロードしました",
        "CTとMRIを昨日アップロードしました",
    ),
    "fr": Replies("Fait le {day:%d/%m/%Y}", "images déposées le {day:%d/%m/%Y}", "scanner et IRM déposés hier"),
    "de": Replies("am {day:%d.%m.%Y} durchgeführt", "hochgeladen am {day:%d.%m.%Y}", "CT und MRT gestern hochgeladen"),
}
TELEPHONE: Final = Telephone("Study coordinator, on the phone", "The images were not kept at the hospital.")
CORRECTIONS: Final = (
    Correction(-58, "302-004", "second_registration", 1, "The registration form had the day on which it was sent."),
)
OUTAGE: Final = (-231, 27)
LOST: Final = ((-33, 611_001), (-26, 215_002), (-20, 421_002))
REFUSED: Final = (-9, 421_001)
QUERIES: Final = ((-129, "512"), (-3, "421"), (-2, "215"), (-1, "704"))


def script(spoken: Collection[str]) -> Script:
    """The year to be lived. `spoken`: languages that there are and that the study has approved; in place of another, English."""
    return Script(
        study=STUDY,
        places=PLACES,
        players=tuple(player if player.language in spoken else replace(player, language="en") for player in PLAYERS),
        patients=PATIENTS,
        begins=YEAR,
        outages=(OUTAGE,),
        lost=LOST,
        refused=(REFUSED,),
        queries=QUERIES,
        reasons=REASONS,
        replies=REPLIES,
        telephone=TELEPHONE,
        corrections=CORRECTIONS,
        query="The series is not complete in the archive. Please look again.",
    )
