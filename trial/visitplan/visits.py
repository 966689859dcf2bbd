"""The sections `visits` and `task_sets` of a study file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trial.expressions import Condition
from trial.moments import CalendarOffset
from trial.problems import nearest
from trial.study import (
    HOLD,
    Anchor,
    Basis,
    Ladder,
    LadderStep,
    Mark,
    Reason,
    Repeat,
    Step,
    TaskClass,
    TaskDefinition,
    VisitDefinition,
    Window,
)
from trial.tasks import SiteFunction, TaskKind
from trial.visitplan.documents import Entry, Node, Path, Reading, twice, unwrapped
from trial.visitplan.ladders import out_of_order
from trial.visitplan.notation import ON_THE_DAY, Notation, in_one_unit

ON_REQUEST = "on_request"
MOST_TASKS = 20
"""Of one visit: a card has to hold them."""

MOST_TASKS_IN_ALL = 600
MOST_OF_A_KEY = {"repeat": 20, "repeat_if": 20, "window_from": 20, "reasons": 20, "stop": 20}
"""Entries below these keys of a visit."""

PLACEHOLDER = re.compile(r"\{[^}]*\}?|\}")
FILLED = frozenset({"{number}", "{offset}"})


class Contact(StrEnum):
    """How a visit is held, where that is not in the clinic."""

    PHONE = "phone"
    VIDEO = "video"
    LETTER = "letter"


class SiteTaskKind(StrEnum):
    """Kinds of task that a visit can bring along."""

    UPLOAD = TaskKind.UPLOAD.value
    SEND = TaskKind.SEND.value


@dataclass(slots=True)
class VisitReader:
    """Reads visits; `own_ladders` are those of tasks that say themselves when to ring."""

    reading: Reading
    notation: Notation
    paths: dict[str, Path] = field(default_factory=dict)  # of each visit, by id
    own_ladders: dict[str, Ladder] = field(default_factory=dict)
    task_sets: dict[str, list[tuple[Path, Node]]] = field(default_factory=dict)
    tasks_read: int = 0

    def read(self, top: Entry) -> dict[str, VisitDefinition]:
        sets = top.get("task_sets")
        if isinstance(sets, dict):
            for name, node in sets.items():
                items = node if isinstance(node, list) else [node]
                self.task_sets[name] = [(("task_sets", name, place), item) for place, item in enumerate(items)]
        elif sets is not None:
            top.problem("task_sets", "a mapping is expected here", "write name: [tasks] lines")
        found: dict[str, VisitDefinition] = {}
        for path, node in top.items("visits"):
            entry = self.reading.entry(path, node)
            visit = self._visit(entry)
            if visit.id in found:
                entry.problem("id", f"the id {visit.id} is there twice", "give each visit an id of its own")
            found[visit.id] = visit
            self.paths[visit.id] = path
        self._unused_sets(top)
        if not found and self.reading.is_sound("visits"):
            self.reading.problem((), "there is no visit", "add visits: with at least one entry")
        return found

    def _unused_sets(self, top: Entry) -> None:
        """A task set that no visit names is read too: nobody should meet its mistakes on the day they first use it."""
        entries = [entry for key in ("visits", "campaigns") for _, entry in top.items(key) if isinstance(entry, dict)]
        named = {name for entry in entries for name in _texts_in(entry.get("tasks", ""))}
        for name in self.task_sets.keys() - named:
            self.reading.warn(("task_sets", name), "no visit names this task set", "leave it out, or name it")
            ladders = dict(self.own_ladders)
            for path, node in self.task_sets[name]:
                self._task(self.reading.entry(path, node), name, SiteFunction.COORDINATION, TaskClass.FOLLOW_UP, None)
            self.own_ladders = ladders

    def _visit(self, entry: Entry) -> VisitDefinition:
        for key, most in MOST_OF_A_KEY.items():
            entry.at_most(key, most)
        identity = self.reading.identity(entry.at("id"), entry.need("id", "add id: with small letters and underscores"))
        function = entry.choice("function", SiteFunction, SiteFunction.COORDINATION)
        label = entry.labels("label")
        task_class = entry.choice("class", TaskClass, TaskClass.FOLLOW_UP)
        when_text = entry.need("when", "add when: with an event, such as surgery + 6w, or on_request")
        anchor = None if when_text in {"", ON_REQUEST} else self._when(entry, when_text)
        repeat = self._repeat(entry, "repeat", anchor)
        repeat_if = self._repeat_if(entry, anchor)
        repeat, *others = in_one_unit([repeat, *(other for _, other in repeat_if)])
        visit = VisitDefinition(
            id=identity,
            label=label,
            hold_label=entry.labels("hold") if entry.has("hold") else label,
            when=anchor,
            window=self._window(entry),
            window_from=self._window_from(entry),
            not_before=self._limit(entry, "not_before"),
            not_after=self._limit(entry, "not_after"),
            only_if=self._condition(entry),
            repeat=repeat,
            repeat_if=tuple((condition, other) for (condition, _), other in zip(repeat_if, others, strict=True)),
            basis=entry.choice("basis", Basis, Basis.ANCHOR),
            stop=tuple(self.notation.event(entry.at("stop"), event) for event in entry.texts("stop")),
            records=self._event(entry, "records"),
            reasons=self._reasons(entry),
            tasks=self.tasks_of(entry, identity, function, task_class),
            task_class=task_class,
            contact=entry.choice("contact", Contact, Contact.PHONE) if entry.has("contact") else None,
            function=function,
            ladder=self.notation.ladder(entry, "visit"),
        )
        self._check_repeated(entry, visit)
        entry.finish()
        return visit

    def _when(self, entry: Entry, text: str) -> Anchor:
        return self.notation.anchor(entry.at("when"), text, visits=True)

    def _check_repeated(self, entry: Entry, visit: VisitDefinition) -> None:
        if visit.repeats and visit.when is None:
            entry.problem("repeat", "a visit on request does not repeat", "give it a when, or leave out repeat")
        if visit.repeat_if and not visit.repeat:
            entry.problem("repeat_if", "there is no repeat for everybody else", "add repeat: with the usual rhythm")
        if visit.repeats and visit.records is not None:
            entry.problem("records", "a repeated visit cannot date one event", "leave out records, or the repeat")
        for key in ("window_from", "basis", "stop"):
            if entry.has(key) and not visit.repeats:
                entry.problem(key, f"{key} is for repeated visits", "leave it out, or add repeat")
        for key, words in (("label", visit.label), *([("hold", visit.hold_label)] if entry.has("hold") else [])):
            for language, text in words.items():
                self._check_placeholders(entry, key, language, text, repeats=visit.repeats)

    def placeholders(self, text: str) -> list[str]:
        """`{number}` and the like, whether or not they stand for something."""
        return PLACEHOLDER.findall(text)

    def _check_placeholders(self, entry: Entry, key: str, language: str, text: str, *, repeats: bool) -> None:
        found = set(PLACEHOLDER.findall(text))
        if found - FILLED or (found and not repeats):
            known = "write {number} or {offset}" if repeats else "leave the braces out: this visit does not repeat"
            entry.problem(key, f"{language}: {min(found - FILLED or found)} stands for nothing", known)
        elif repeats and not found and key == "label":
            entry.problem(
                key, f"{language}: every occurrence would have the same name", "add {number} or {offset} to it"
            )

    def _window(self, entry: Entry) -> Window:
        text = entry.text("window")
        return ON_THE_DAY if text is None else self.notation.window(entry.at("window"), text)

    def _window_from(self, entry: Entry) -> tuple[tuple[CalendarOffset, Window], ...]:
        if not entry.has("window_from"):
            return ()
        table = self.reading.entry(entry.at("window_from"), entry.get("window_from"))
        found = []
        for key in [key for key in table.node if key not in table.asked]:
            text = table.text(key) or ""
            found.append((self.reading.offset(table.at(key), key), self.notation.window(table.at(key), text)))
        return tuple(found)

    def _limit(self, entry: Entry, key: str) -> Anchor | date | None:
        text = entry.text(key)
        return None if text is None else self.notation.limit(entry.at(key), text)

    def _event(self, entry: Entry, key: str) -> str | None:
        text = entry.text(key)
        return None if text is None else self.notation.event(entry.at(key), text)

    def _condition(self, entry: Entry) -> Condition | None:
        text = entry.text("only_if")
        return None if text is None else self.notation.condition(entry.at("only_if"), text)

    def _repeat(self, entry: Entry, key: str, anchor: Anchor | None) -> Repeat:
        texts = entry.texts(key)
        return self.notation.repeat(entry.at(key), texts, anchor) if texts else ()

    def _repeat_if(self, entry: Entry, anchor: Anchor | None) -> tuple[tuple[Condition, Repeat], ...]:
        if not entry.has("repeat_if"):
            return ()
        table = self.reading.entry(entry.at("repeat_if"), entry.get("repeat_if"))
        found = []
        for text in [key for key in table.node if key not in table.asked]:
            condition = self.notation.condition(table.at(text), text)
            repeat = self._repeat(table, text, anchor)
            if condition is not None:
                found.append((condition, repeat))
        return tuple(found)

    def _reasons(self, entry: Entry) -> tuple[Reason, ...]:
        found = []
        for path, node in entry.items("reasons"):
            reason = self.reading.entry(path, node)
            identity = self.reading.identity(
                reason.at("id"), reason.need("id", "add id: with small letters and underscores")
            )
            found.append(Reason(identity, reason.labels("label"), self._event(reason, "records")))
            reason.finish()
        for identity in twice(reason.id for reason in found):
            entry.problem("reasons", f"the id {identity} is there twice", "give each reason an id of its own")
        return tuple(found)

    def tasks_of(
        self, entry: Entry, visit: str, function: SiteFunction, of: TaskClass, *, of_campaign: str | None = None
    ) -> tuple[TaskDefinition, ...]:
        """The tasks of a visit. `of_campaign`: the campaign's ladder; its rounds give the dates."""
        entry.at_most("tasks", MOST_TASKS)
        nodes = list(self._task_nodes(entry))
        self.tasks_read += len(nodes)
        for count, most in ((len(nodes), MOST_TASKS), (self.tasks_read, MOST_TASKS_IN_ALL)):
            if count > most:
                entry.problem("tasks", f"there are more than {most} tasks", "split the study")
                self.reading.raise_problems()
        found = [self._task(self.reading.entry(path, node), visit, function, of, of_campaign) for path, node in nodes]
        for name in twice([HOLD, *(task.name for task in found)]):
            entry.problem("tasks", f"the id {name} is there twice", "give each task of a visit an id of its own")
        return tuple(found)

    def _task_nodes(self, entry: Entry) -> Iterator[tuple[Path, Node]]:
        """Tasks written in place, and those of the sets that are named."""
        for path, node in entry.items("tasks"):
            if not isinstance(node, str):
                yield path, node
            elif node in self.task_sets:
                yield from self.task_sets[node]
            else:
                self.reading.problem(path, f"the task set {node!r} is not known", nearest(node, self.task_sets))

    def _task(
        self, entry: Entry, visit: str, function: SiteFunction, of: TaskClass, of_campaign: str | None
    ) -> TaskDefinition:
        name = self.reading.identity(entry.at("id"), entry.need("id", "add id: with small letters and underscores"))
        usual = SiteTaskKind.UPLOAD if name.startswith(TaskKind.UPLOAD) else SiteTaskKind.SEND
        if of_campaign is None:
            due = entry.need("due", "add due: visit + 5wd")
        else:
            due = ""
            for key in ("due", "remind", "escalate"):
                if entry.has(key):
                    entry.problem(key, "the rounds of a campaign give its dates", "leave it out, or choose a ladder")
        task = TaskDefinition(
            name=name,
            label=entry.labels("label"),
            short=entry.labels("short") if entry.has("short") else entry.labels("label"),
            kind=TaskKind(entry.choice("kind", SiteTaskKind, usual)),
            due=self.notation.after_visit(entry.at("due"), due) if due else CalendarOffset.parse("0d"),
            function=entry.choice("function", SiteFunction, function),
            task_class=entry.choice("class", TaskClass, of),
            ladder=(
                self._task_ladder(entry, f"{visit}.{name}")
                if of_campaign is None
                else self.notation.ladder(entry, of_campaign)
            ),
        )
        entry.finish()
        return task

    def _task_ladder(self, entry: Entry, own_name: str) -> str:
        """A named ladder, or one made of `remind` and `escalate`, which count from the visit as `due` does."""
        reminders = entry.texts("remind")
        escalate = entry.text("escalate")
        if not reminders and escalate is None:
            return self.notation.ladder(entry, "task")
        if entry.has("ladder"):
            entry.problem("ladder", "a task has either a ladder or remind and escalate", "keep one of them")
        if len(reminders) > 2:
            entry.problem("remind", "a task has two reminders before it is late at most", "keep two, or use a ladder")
        pairs = list(zip((Step.WINDOW_OPEN, Step.DUE), reminders, strict=False))
        if escalate is not None:
            pairs.append((Step.LATE, escalate))
        steps = tuple(
            LadderStep(step, Mark.OPENS, self.reading.offset(entry.at(_told_by(step)), text, working_days=True))
            for step, text in pairs
        )
        for found in out_of_order(steps) if self.reading.is_sound(*entry.path) else ():
            entry.problem(_told_by(found.step), found.what, found.instead)
        self.own_ladders[own_name] = Ladder(own_name, steps)
        return own_name


def _texts_in(node: Node) -> list[str]:
    node = unwrapped(node)
    return [node] if isinstance(node, str) else [item for item in node if isinstance(item, str)]


def _told_by(step: Step) -> str:
    """The key of a task that says when this step is."""
    return "escalate" if step is Step.LATE else "remind"
