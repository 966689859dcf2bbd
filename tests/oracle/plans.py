"""Study files and patients drawn from a seed: everything that docs/study-files.md has for dates, in every mixture."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.by_day import HAPPENED, PLANNED, Patient, occurrences_of

BEGINS, DAYS = date(2019, 1, 1), 9 * 365
COUNTRIES = (None, "DE", "JP", "US", "FR")
AWKWARD = (date(2020, 2, 29), date(2024, 2, 29), date(2019, 8, 31), date(2022, 12, 31), date(2023, 1, 30))
MONTHLY = (
    ["every 1mo until 4mo", "every 3mo until 13mo"],
    ["every 3mo until 24mo", "every 6mo until 60mo"],
    ["every 3mo until 1y", "every 1y until 5y"],
    ["every 6mo until 10mo", "every 4mo until 2y"],
    "every 12mo until 36mo",
    "every 1y until 3y",
    "every 5mo until 24mo",
)
DAILY = (
    ["every 1w until 4w", "every 4w until 30w"],
    ["every 10d until 35d", "every 2w until 14w"],
    ["every 12w until 48w", "every 26w until 104w"],
    "every 90d until 400d",
    "every 8w until 50w",
)
# Windows that no two visits of such a rhythm share a day of, and where another window may begin.
RHYTHMS = (
    (
        MONTHLY,
        ("-7d .. +7d", "-13d .. +2d", "0d .. +2w", "-2w .. +1d", "0d .. 0d"),
        ("3mo", "91d", "1y", "365d", "30mo"),
    ),
    (DAILY, ("-3d .. +3d", "-1d .. +2d", "0d .. +3d", "0d .. 0d"), ("4w", "1mo", "60d", "2mo", "30w")),
)
WINDOWS = ("-7d .. +7d", "-28d .. 0d", "0d .. +14d", "-2w .. +1mo", "-1mo .. +1mo", "-3d .. +1y", "-1y .. 0d")
OVERDUE = (
    "eortc",
    "trisst14",
    "trisst28",
    {"upload": "28d", "send": "10wd", "event": "1mo"},
    {"hold": "2w", "fact": "5wd"},
    {"baseline": "1mo", "follow_up": "40d"},
    {"treatment": "15wd"},
)
SHIFTS = ("", " + 1d", " + 6w", " - 2w", " + 1mo", " - 1mo", " + 1y", " - 28d", " + 11mo", " - 1y")


@dataclass(frozen=True)
class Plan:
    """One study file, as what stands in it, and one patient."""

    document: dict[str, Any]
    patient: Patient


def drawn(seed: int) -> Plan:
    """The plan of this seed, always the same."""
    chance = random.Random(seed)  # noqa: S311 - a seed has to give the same plan again; nothing is secret
    document = Writer(chance).document()
    return Plan(document, _patient(document, chance))


class Writer:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.events = ["entry", *(f"e{number}" for number in range(chance.randint(1, 4)))]
        self.chained: list[str] = []  # visits from which another may count
        self.recorded = self.chance.sample(self.events[1:], len(self.events) - 1)
        self.facts = {f"f{number}": ["a", "b", "c"][: chance.randint(2, 3)] for number in range(chance.randint(0, 2))}

    def document(self) -> dict[str, Any]:
        visits = [self.visit(f"v{number}") for number in range(self.chance.randint(1, 4))]
        if self.likely(0.3):  # what counts from a visit may stand above it
            self.chance.shuffle(visits)
        campaigns = {"campaigns": [self.campaign("c0")]} if self.likely(0.35) else {}
        return {
            "format": "visitplan/1",
            # Codes of one form only: to judge all forms of the usual pattern takes longer than the dates.
            "study": {"id": "DRAWN", "title": "Drawn", "version": "1", "subject_id": r"\d{3}"},
            "events": {name: self.event(place, name) for place, name in enumerate(self.events)},
            "facts": {name: self.fact(values) for name, values in self.facts.items()},
            "visits": visits,
            **campaigns,
            **({"overdue_after": self.chance.choice(OVERDUE)} if self.likely(0.7) else {}),
        }

    def fact(self, values: list[str]) -> dict[str, Any]:
        return {"values": values} | ({"restricted": "true"} if self.likely(0.2) else {"ask_at": "entry"})

    def event(self, place: int, name: str) -> dict[str, Any]:
        event: dict[str, Any] = {"label": name}
        if place == 0:
            return event | {"required": "true"}
        if self.likely(0.6):  # only from events before it: no circle
            event["estimate"] = self.anchor(self.events[:place])
        if self.likely(0.25):
            event["ends"] = self.chance.choice(["all", "visits", "visits"])
        return event

    def visit(self, name: str) -> dict[str, Any]:
        counts_from = list(self.chained)
        if self.likely(0.08):
            self.chained.append(name)
            return {"id": name, "label": name, "when": "on_request", "tasks": self.tasks()}
        visit: dict[str, Any] = {"id": name, "label": name, "when": self.anchor(self.events)}
        if counts_from and self.likely(0.45):
            visit["when"] = f"visit({self.chance.choice(counts_from)}){self.chance.choice(SHIFTS)}"
        for key, share, make in (
            ("not_before", 0.15, self.limit),
            ("not_after", 0.15, self.limit),
            ("only_if", 0.35, lambda: self.condition(2)),
            ("tasks", 0.6, self.tasks),
            ("class", 0.3, self.task_class),
        ):
            if self.likely(share):
                visit[key] = make()
        if self.likely(0.5):
            self.chained.append(name)
            if self.recorded and self.likely(0.2):
                visit["records"] = self.recorded.pop()
            return visit | {"window": self.chance.choice(WINDOWS)}
        return visit | self.repeated(name)

    def repeated(self, name: str) -> dict[str, Any]:
        rhythms, windows, offsets = self.chance.choice(RHYTHMS)
        repeated: dict[str, Any] = {"label": f"{name} {{offset}}", "repeat": self.chance.choice(rhythms)}
        if self.likely(0.8):
            repeated["window"] = self.chance.choice(windows)
        if self.likely(0.4):
            conditions = [self.condition(1) for _ in range(self.chance.randint(1, 2))]
            repeated["repeat_if"] = {condition: self.chance.choice(rhythms) for condition in conditions}
        if self.likely(0.25):
            repeated["basis"] = "previous"
        if self.likely(0.3):
            repeated["stop"] = [self.chance.choice(self.events[1:])]
        if self.likely(0.3):
            chosen = self.chance.sample(offsets, self.chance.randint(1, 3))
            repeated["window_from"] = {offset: self.chance.choice(windows) for offset in chosen}
        return repeated

    def campaign(self, name: str) -> dict[str, Any]:
        """Rounds one after another, sometimes with no day between them; each opens in a month of its own."""
        rounds: list[str | dict[str, str]] = []
        opens, month = self.day(), None
        for _ in range(self.chance.randint(1, 4)):
            while (opens.year, opens.month) == month:
                opens += timedelta(days=self.chance.randint(1, 20))
            month = (opens.year, opens.month)
            closes = opens + timedelta(days=self.chance.choice([0, 1, 13, 29, 45, 200]))
            due = opens + timedelta(days=self.chance.randint(0, (closes - opens).days))
            dated = {"opens": opens.isoformat(), "due": due.isoformat(), "closes": closes.isoformat()}
            rounds.append(dated if self.likely(0.7) else f"{opens} .. {closes}")
            opens = closes + timedelta(days=self.chance.choice([1, 1, 30, 180, 400]))
        tasks = [self.task(number) for number in range(self.chance.randint(1, 2))]
        campaign = {"id": name, "label": f"{name} {{round}}", "rounds": rounds, "tasks": tasks}
        campaign |= {"class": self.task_class()} if self.likely(0.2) else {}
        return campaign | ({"only_if": self.condition(1)} if self.likely(0.5) else {})

    def anchor(self, events: list[str]) -> str:
        if len(events) > 1 and self.likely(0.25):
            pair = ", ".join(self.chance.sample(events, 2))
            return f"{self.chance.choice(['first_of', 'last_of'])}({pair}){self.chance.choice(SHIFTS)}"
        return self.chance.choice(events) + self.chance.choice(SHIFTS)

    def limit(self) -> str:
        return self.anchor(self.events) if self.likely(0.7) else self.day().isoformat()

    def tasks(self) -> list[dict[str, str]]:
        dues = self.chance.sample(["5wd", "0d", "14d", "3w", "2mo", "12wd", "1wd"], self.chance.randint(1, 2))
        return [self.task(number) | {"due": f"visit + {due}"} for number, due in enumerate(dues)]

    def task(self, number: int) -> dict[str, str]:
        task = {"id": f"{self.chance.choice(['upload', 'form'])}_{number}", "label": "T"}
        if self.likely(0.2):
            task["kind"] = self.chance.choice(["upload", "send"])
        return task | ({"class": self.task_class()} if self.likely(0.2) else {})

    def task_class(self) -> str:
        return self.chance.choice(["baseline", "treatment", "follow_up"])

    def condition(self, depth: int) -> str:
        if depth and self.likely(0.5):
            first, second = self.condition(depth - 1), self.condition(depth - 1)
            shapes = (
                f"{first} and {second}",
                f"{first} or {second}",
                f"not ({first})",
                f"({first} or {second}) and {first}",
            )
            return self.chance.choice(shapes)
        if not self.facts or self.likely(0.4):
            one, other = self.chance.choice(self.events), self.chance.choice(self.events)
            return self.chance.choice([f"happened({one})", f"not happened({one})", f"same_day({one}, {other})"])
        fact = self.chance.choice(list(self.facts))
        value, *others = self.chance.sample(self.facts[fact], 2)
        both = ", ".join([value, *others])
        return self.chance.choice(
            [f"{fact} == {value}", f"{fact} != {value}", f"{fact} in [{both}]", f"{fact} not in [{value}]"]
        )

    def day(self) -> date:
        return _day(self.chance)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share


def _patient(document: dict[str, Any], chance: random.Random) -> Patient:
    edges = _edges(document)
    entry = chance.choice(edges) if edges and chance.random() < 0.5 else _day(chance)
    events = {"entry": (entry, HAPPENED)}
    for name in list(document["events"])[1:]:
        day = entry if chance.random() < 0.1 else entry + timedelta(days=chance.randint(0, 1_500))
        if edges and chance.random() < 0.4:
            day = chance.choice(edges)
        certainty = chance.choice([HAPPENED, HAPPENED, PLANNED, None])
        if certainty:
            events[name] = (chance.choice(AWKWARD) if chance.random() < 0.05 else day, certainty)
    facts = {name: chance.choice(fact["values"]) for name, fact in document["facts"].items() if chance.random() < 0.5}
    held = {}
    for visit in document["visits"]:
        occurrences = occurrences_of(visit)
        for occurrence in chance.sample(occurrences, min(len(occurrences), chance.choice([0, 0, 1, 1, 3]))):
            held[occurrence] = entry + timedelta(days=chance.randint(-30, 1_500))
    return Patient(events, facts, held, chance.choice(COUNTRIES))


def _edges(document: dict[str, Any]) -> list[date]:
    """The days around which somebody is in a round of a campaign, or not."""
    rounds = [one for campaign in document.get("campaigns", []) for one in campaign["rounds"]]
    said = [day for one in rounds for day in (one.split(" .. ") if isinstance(one, str) else one.values())]
    return [date.fromisoformat(day) + timedelta(days=beside) for day in said for beside in (-1, 0, 1)]


def _day(chance: random.Random) -> date:
    if chance.random() < 0.2:
        return chance.choice(AWKWARD)
    return BEGINS + timedelta(days=chance.randrange(DAYS))
