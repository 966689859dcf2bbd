"""From the objects of a USDM file to a model of its schedule, with tolerance: a missing or odd part is empty, never guessed.

Only what a schedule needs is read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from trial.problems import Problem, ProblemError
from trial.readers.usdm.file import Json
from trial.readers.usdm.findings import Code, Ledger, plain, shortened
from trial.readers.usdm.model import Activity, Branch, Conditional, Design, Encounter, Instance, Timeline, Timing

MOST_NODES = 1_000
"""Of all timelines together: a study has tens."""

MOST_TIMELINES = 300

MOST_TIMINGS = 4_000

MOST_BRANCHES = 500

MOST_PARTS = 50_000
"""Objects and ids that are read of one file, so that none keeps the reader busy for long: a study has some thousand."""

LONGEST_NAME = 200

KNOWN_WINDOW_KEYS = frozenset({"window", "windowLower", "windowUpper", "windowLabel"})

Named = TypeVar("Named", Encounter, Activity)


@dataclass(slots=True)
class ModelReader:
    """Reads objects; what has another shape than USDM gives it is told once and left out.

    Every reading raises ProblemError once there is more of it than any study has.
    """

    ledger: Ledger
    _timelines: int = 0
    _nodes: int = 0
    _timings: int = 0
    _branches: int = 0
    _parts: int = 0

    def design(self, version: Json, design: Json) -> Design:
        encounters = [self._encounter(one) for one in self.objects(design, "encounters")]
        activities = [self._activity(one) for one in self.objects(design, "activities")]
        conditions = [*self.objects(version, "conditions"), *self.objects(design, "conditions")]
        known = self._by_id(encounters, "encounters")
        return Design(
            encounters=known,
            activities=self._by_id(activities, "activities"),
            epochs={self.text(one, "id"): self._called(one) for one in self.objects(design, "epochs")},
            arms=tuple(self._called(one) for one in self.objects(design, "arms")),
            conditions=tuple(
                Conditional(self.text(one, "text"), self.texts(one, "appliesToIds")) for one in conditions
            ),
            timelines=tuple(self._timeline(one, known) for one in self.objects(design, "scheduleTimelines")),
        )

    def _by_id(self, found: Sequence[Named], what: str) -> Mapping[str, Named]:
        """By their ids, the first of those that share one."""
        often = Counter(one.id for one in found)
        for identity in (identity for identity, count in often.items() if count > 1):
            self.ledger.note(
                Code.UNREADABLE, what, f"the id {identity or 'nothing'} is there twice", "the first is read"
            )
        return MappingProxyType({one.id: one for one in reversed(found)})

    def _timeline(self, one: Json, encounters: Mapping[str, Encounter]) -> Timeline:
        self._timelines += 1
        if self._timelines > MOST_TIMELINES:
            raise _more_than(MOST_TIMELINES, "timelines")
        name = self._called(one) or "a timeline"
        nodes: dict[str, Instance] = {}
        for item in self.objects(one, "instances"):
            self._nodes += 1
            if self._nodes > MOST_NODES:
                raise _more_than(MOST_NODES, "nodes")
            node = self._instance(item)
            if not node.id or node.id in nodes:
                what = "a node has no id" if not node.id else f"the id {node.id} is there twice"
                self.ledger.refuse(Code.UNREADABLE, f"{name}, {node.called or 'a node'}", what, "the first one is read")
            else:
                nodes[node.id] = node
        return Timeline(
            id=self.text(one, "id"),
            name=self.name(one, "name"),
            label=self.name(one, "label"),
            main=_truth(one.get("mainTimeline")),
            entry=self.text(one, "entryId"),
            entry_condition=self.text(one, "entryCondition"),
            nodes=MappingProxyType(self._told_apart(nodes, encounters, name)),
            timings=tuple(self._timing(item) for item in self.objects(one, "timings")),
        )

    def _told_apart(
        self, nodes: Mapping[str, Instance], encounters: Mapping[str, Encounter], timeline: str
    ) -> dict[str, Instance]:
        """The nodes; those of one name and without labels by what their encounters are called, where each has its own."""
        by_name: dict[str, list[Instance]] = {}
        for node in nodes.values():
            by_name.setdefault(node.name, []).append(node)
        renamed: dict[str, Instance] = {}
        for name, alike in by_name.items():
            theirs = [encounters[node.encounter] for node in alike if node.encounter in encounters]
            apart = len({(one.name or one.label) for one in theirs}) == len(alike) > 1
            if name and apart and not any(node.label for node in alike):
                what = f"{len(alike)} nodes are called {name}"
                self.ledger.note(Code.SAME_NAME, timeline, what, "each goes by the name of its encounter")
                renamed |= {
                    node.id: replace(node, name=one.name or one.label, label=one.label)
                    for node, one in zip(alike, theirs, strict=True)
                }
        return {identity: renamed.get(identity, node) for identity, node in nodes.items()}

    def _instance(self, one: Json) -> Instance:
        branches = tuple(
            Branch(self.text(item, "condition"), self.text(item, "conditionTargetId"))
            for item in self.objects(one, "conditionAssignments")
        )
        self._branches += len(branches)
        if self._branches > MOST_BRANCHES:
            raise _more_than(MOST_BRANCHES, "conditions on its way")
        kind = self.text(one, "instanceType").lower()
        return Instance(
            id=self.text(one, "id"),
            name=self.name(one, "name"),
            label=self.name(one, "label"),
            decision="decision" in kind or (bool(branches) and "activity" not in kind),
            next=self.text(one, "defaultConditionId"),
            exit=self.text(one, "timelineExitId"),
            encounter=self.text(one, "encounterId"),
            epoch=self.text(one, "epochId"),
            activities=self.texts(one, "activityIds"),
            timeline=self.text(one, "timelineId"),
            branches=branches,
        )

    def _timing(self, one: Json) -> Timing:
        self._timings += 1
        if self._timings > MOST_TIMINGS:
            raise _more_than(MOST_TIMINGS, "timings")
        return Timing(
            id=self.text(one, "id"),
            name=self.name(one, "name"),
            label=self.name(one, "label"),
            type=self.coded(one, "type"),
            type_code=self.text(kind, "code") if isinstance(kind := one.get("type"), dict) else "",
            value=self.text(one, "value"),
            value_label=self.name(one, "valueLabel"),
            lower=self.text(one, "windowLower"),
            upper=self.text(one, "windowUpper"),
            window_label=self.name(one, "windowLabel") or _only_text(one.get("window")),
            ends=self.coded(one, "relativeToFrom"),
            source=self.text(one, "relativeFromScheduledInstanceId"),
            to=self.text(one, "relativeToScheduledInstanceId"),
            unread=tuple(plain(key, at_most=60) for key, value in one.items() if _unread_window(key, value))[:8],
        )

    def _encounter(self, one: Json) -> Encounter:
        return Encounter(
            id=self.text(one, "id"),
            name=self.name(one, "name"),
            label=self.name(one, "label"),
            scheduled_at=self.text(one, "scheduledAtId"),
            modes=tuple(self.decoded(mode) for mode in self.objects(one, "contactModes")),
            rules=tuple(
                f"{word}: {text}"
                for word, key in (("Begins", "transitionStartRule"), ("Ends", "transitionEndRule"))
                for rule in self.objects(one, key)
                if (text := self.text(rule, "text"))
            ),
        )

    def _activity(self, one: Json) -> Activity:
        return Activity(
            id=self.text(one, "id"),
            name=self.name(one, "name"),
            label=self.name(one, "label"),
            timeline=self.text(one, "timelineId"),
            procedures=tuple(self._called(item) for item in self.objects(one, "definedProcedures")),
        )

    def _called(self, one: Json) -> str:
        return self.name(one, "label") or self.name(one, "name")

    def name(self, one: Json, key: str) -> str:
        """A text that is quoted again and again: no longer than names are."""
        return shortened(self.text(one, key), LONGEST_NAME)

    def text(self, one: Json, key: str) -> str:
        """A text or a number, as one line; empty where there is none."""
        value = one.get(key)
        if value is None or _is_text(value):
            return "" if value is None else plain(str(value))
        self._odd(one, key, "a text")
        return ""

    def texts(self, one: Json, key: str) -> tuple[str, ...]:
        value = one.get(key)
        if value is None or value == "":
            return ()
        if not isinstance(value, list):
            self._odd(one, key, "a list of ids")
            return ()
        self._count(len(value))
        if not all(_is_text(item) for item in value):
            self._odd(one, key, "a list of ids")
        return tuple(plain(str(item)) for item in value if _is_text(item))

    def objects(self, one: Json, key: str) -> Iterator[Json]:
        """The objects of a list; an object by itself counts as a list of one."""
        value = one.get(key)
        if value is None or value == "":
            return
        items = value if isinstance(value, list) else [value]
        self._count(len(items))
        if not all(isinstance(item, dict) for item in items):
            self._odd(one, key, "a list of objects")
        yield from (item for item in items if isinstance(item, dict))

    def coded(self, one: Json, key: str) -> str:
        """A code of a terminology: an object with `decode` and `code`, or a text."""
        value = one.get(key)
        return self.decoded(value) if isinstance(value, dict) else self.text(one, key)

    def decoded(self, code: Json) -> str:
        inner = code.get("standardCode")
        if isinstance(inner, dict):
            return self.decoded({key: value for key, value in inner.items() if key != "standardCode"})
        return self.text(code, "decode") or self.text(code, "code")

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MOST_PARTS:
            raise _more_than(MOST_PARTS, "parts that a schedule is made of")

    def _odd(self, one: Json, key: str, expected: str) -> None:
        name = next((plain(str(one[known]), at_most=80) for known in ("name", "id") if one.get(known)), "an object")
        self.ledger.note(Code.UNREADABLE, name, f"{key} is not {expected}", "it was left out")


def _more_than(most: int, what: str) -> ProblemError:
    return ProblemError(Problem("the file", f"it has more than {most:,} {what}", "give one study by itself"))


def _unread_window(key: str, value: object) -> bool:
    """Whether a key speaks of a window, and is none that is read, or holds something else than a text."""
    speaks = key.startswith("window") and value not in (None, "", [], {})
    return speaks and not (key in KNOWN_WINDOW_KEYS and _is_text(value))


def _only_text(value: object) -> str:
    return plain(value, at_most=LONGEST_NAME) if isinstance(value, str) else ""


def _is_text(value: object) -> bool:
    """A text, or a number that stands for one."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _truth(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
