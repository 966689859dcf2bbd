"""The demo's trial: DREAM with two European, one Japanese and one US site. Nothing here is like a real person.

Dates count back from the day of the first start, so that something is due soon. One site joins two weeks later, with eight
patients who are under way already: what fell due before is told to nobody.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.demo_phones import Owner
from trial.people import Role

STUDY: Final = Path(__file__).resolve().parent.parent / "studies" / "dream.yaml"


@dataclass(frozen=True, slots=True)
class DemoSite:
    """`rings_in`: days after the first day of the demo from which it is told something."""

    number: str
    name: str
    country: str
    region: str | None
    zone: str
    rings_in: int = 0


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """`events` and `held` in days before the first day of the demo; `held` are visits that took place."""

    site: str
    code: str
    events: dict[str, int]
    held: dict[str, int]
    facts: dict[str, str] = field(default_factory=dict)


SITES: Final = (
    DemoSite("302", "Leuven", "BE", None, "Europe/Brussels"),
    DemoSite("417", "Osaka", "JP", None, "Asia/Tokyo"),
    DemoSite("611", "Houston", "US", "TX", "America/Chicago"),
    DemoSite("704", "Lyon", "FR", None, "Europe/Paris", rings_in=14),
)

OFFICE: Final = Owner(1_000, "Trial manager", "en", "Europe/Brussels", "Trial office", None, Role.MANAGER)
OFFICE_COUNTRY: Final = "BE"
OWNERS: Final = (
    OFFICE,
    Owner(302_001, "Coordinator A", "en", "Europe/Brussels", "Site 302 Leuven", "302", Role.COORDINATOR),
    Owner(302_002, "Coordinator D", "en", "Europe/Brussels", "Site 302 Leuven", "302", Role.COORDINATOR),
    Owner(302_003, "Investigator E", "en", "Europe/Brussels", "Site 302 Leuven", "302", Role.INVESTIGATOR),
    Owner(417_001, "コーディネーターB", "ja", "Asia/Tokyo", "Site 417 Osaka", "417", Role.COORDINATOR),
    Owner(417_002, "責任医師F", "ja", "Asia/Tokyo", "Site 417 Osaka", "417", Role.INVESTIGATOR),
    Owner(611_001, "Coordinator C", "en", "America/Chicago", "Site 611 Houston", "611", Role.COORDINATOR),
    Owner(611_002, "Investigator G", "en", "America/Chicago", "Site 611 Houston", "611", Role.INVESTIGATOR),
    Owner(704_001, "Coordinator H", "en", "Europe/Paris", "Site 704 Lyon", "704", Role.COORDINATOR),
)
INVITED_ONLY: Final = frozenset({417_001})

PATIENTS: Final = (
    # Baseline scans done, images not uploaded yet.
    DemoPatient("417", "417-003", {"first_registration": 1}, {"baseline_imaging": 2}),
    # In chemotherapy; the re-evaluation comes.
    DemoPatient("417", "417-002", {"first_registration": 70}, {"baseline_imaging": 75}),
    # Operated half a year ago, a lesion left in place: follow-up imaging.
    DemoPatient(
        "302",
        "302-014",
        {"first_registration": 320, "second_registration": 200, "surgery": 160},
        {"baseline_imaging": 325, "reevaluation_imaging": 215, "preoperative_imaging": 190},
        {"lesion_left_in_place": "yes"},
    ),
    # Chemotherapy was over: both registrations on one day; the operation is not planned yet.
    DemoPatient("302", "302-017", {"first_registration": 12, "second_registration": 12}, {"baseline_imaging": 14}),
    DemoPatient(
        "611",
        "611-008",
        {"first_registration": 140, "second_registration": 45, "surgery": 15},
        {"baseline_imaging": 141, "reevaluation_imaging": 60, "preoperative_imaging": 30},
    ),
    # Under way when their site joins: from just registered to a year and a half after the operation.
    DemoPatient("704", "704-001", {"first_registration": 5}, {}),
    DemoPatient("704", "704-002", {"first_registration": 40}, {"baseline_imaging": 42}),
    DemoPatient("704", "704-003", {"first_registration": 85}, {"baseline_imaging": 90}),
    DemoPatient("704", "704-004", {"first_registration": 95, "second_registration": 2}, {"baseline_imaging": 99}),
    DemoPatient(
        "704",
        "704-005",
        {"first_registration": 130, "second_registration": 20},
        {"baseline_imaging": 133, "reevaluation_imaging": 30},
    ),
    DemoPatient(
        "704",
        "704-006",
        {"first_registration": 180, "second_registration": 70, "surgery": 35},
        {"baseline_imaging": 182, "reevaluation_imaging": 80, "preoperative_imaging": 50},
    ),
    DemoPatient(
        "704",
        "704-007",
        {"first_registration": 400, "second_registration": 290, "surgery": 250},
        {"baseline_imaging": 402, "reevaluation_imaging": 300, "preoperative_imaging": 270},
        {"lesion_left_in_place": "yes"},
    ),
    DemoPatient(
        "704",
        "704-008",
        {"first_registration": 690, "second_registration": 580, "surgery": 540},
        {"baseline_imaging": 692, "reevaluation_imaging": 590, "preoperative_imaging": 560},
        {"lesion_left_in_place": "yes"},
    ),
)
