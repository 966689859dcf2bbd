"""What a plain reply asks to be recorded: everything it says, one question, or nothing.

Nothing is guessed here. A reply is acted on where every word of it is known, it says one thing about each task, every
task is the only one that fits, and every day is the only plausible one. Whatever is missing becomes one question.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from trial.answers import AnswerKind, LeavingKind, Said
from trial.replies.context import HANDED_OVER, Asked, ReplyCard, ReplyContext, ReplyTask
from trial.replies.days import Frame, NoDay, NoOneDay, day_done, day_to_come, plausible
from trial.replies.said import Act, Clause, Mark, Reading
from trial.replies.targets import Intent, NoTarget, Question, Targets, Wanted, targets

__all__ = ["Action", "Ask", "Clear", "NeedHelp", "NotUnderstood", "NothingSaid", "Outcome", "Question", "understand"]


@dataclass(frozen=True, slots=True)
class Action:
    """One answer to record. `outside_window`: its day lies outside the task's window; taken, and shown as such."""

    visit_id: UUID
    task_id: UUID
    kind: AnswerKind
    said: Said
    outside_window: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Everything that the reply says, to be recorded together."""

    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """The one question to ask back. Nothing is recorded.

    `visits` and `tasks` are what it is about, as far as that is known; `kind` the answer that it leads to; `days` those
    that were perhaps meant. `actions`: what a yes to `CONFIRM` would record.
    """

    question: Question
    visits: tuple[UUID, ...] = ()
    tasks: tuple[UUID, ...] = ()
    kind: AnswerKind | None = None
    days: tuple[date, ...] = ()
    leaving: LeavingKind | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedHelp:
    """Asks for help, and says nothing else."""

    visits: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """Thanks, or a greeting: nothing to record and nothing to ask."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Not a word about any task."""


Outcome = Clear | Ask | NeedHelp | NothingSaid | NotUnderstood


_DAY_QUESTIONS = {
    NoDay.NOT_SAID: Question.WHICH_DAY,
    NoDay.SEVERAL: Question.WHICH_DAY,
    NoDay.FUTURE: Question.FUTURE_DAY,
    NoDay.PAST: Question.PAST_DAY,
    NoDay.FAR: Question.FAR_DAY,
    NoDay.BEFORE_VISIT: Question.BEFORE_VISIT,
}


def understand(reading: Reading, context: ReplyContext, today: date) -> Outcome:
    """What to record, or the one question to ask. `today` is the local date at the site."""
    if not reading.clauses:
        return NothingSaid()
    if whole := _about_the_whole(reading, context):
        return whole
    actions: list[Action] = []
    reminders: list[Action] = []  # of whatever is left
    confirm = False
    for clause in reading.clauses:
        said = _Judge(clause, context, today).outcome()
        if not isinstance(said, Clear) and not (isinstance(said, Ask) and said.question is Question.CONFIRM):
            return said
        confirm = confirm or isinstance(said, Ask)
        of_the_rest = Act.REMIND in clause.acts and not (clause.tasks or clause.things)
        (reminders if of_the_rest else actions).extend(said.actions)
    return _together(actions, reminders, confirm=confirm)


def _together(actions: list[Action], reminders: list[Action], *, confirm: bool) -> Outcome:
    """All clauses at once: one answer for each task. "MRI uploaded today, remind me on Friday" is about the CT then."""
    answered = {action.task_id for action in actions}
    left = [reminder for reminder in reminders if reminder.task_id not in answered]
    together = [*actions, *left]
    tasks = tuple(dict.fromkeys(action.task_id for action in together))
    visits = tuple(dict.fromkeys(action.visit_id for action in together))
    if len(tasks) < len(together) or (reminders and not left):
        return Ask(Question.CONTRADICTION, visits=visits, tasks=tasks)
    if confirm:
        return Ask(Question.CONFIRM, visits=visits, tasks=tasks, actions=tuple(together))
    return Clear(tuple(together))


def _about_the_whole(reading: Reading, context: ReplyContext) -> Outcome | None:
    """What one word in it decides, whatever the others say."""
    front = () if context.front is None else (context.front.visit_id,)
    marks = frozenset(mark for clause in reading.clauses for mark in clause.marks)
    unsure = bool(marks & {Mark.HEDGED, Mark.ASKED, Mark.CONDITIONAL})
    leaving = next((clause for clause in reading.clauses if clause.leaving is not None), None)
    if leaving is not None:
        # Never acted on by itself, and never overheard: even beside words that are not known it is asked about.
        if unsure or leaving.marks & {Mark.NEGATED, Mark.NOT_YET, Mark.CORRECTED}:
            return Ask(Question.UNCERTAIN, visits=front)
        return _confirm_left(leaving, context)
    if any(clause.help for clause in reading.clauses):
        bare = all(_only_help(clause) for clause in reading.clauses) and not unsure
        return NeedHelp(front) if bare else Ask(Question.HELP_WANTED, visits=front)
    if unsure:
        return Ask(Question.UNCERTAIN, visits=front)
    if Mark.CORRECTED in marks:
        return Ask(Question.CONTRADICTION, visits=front)
    if not reading.whole:
        return Ask(Question.NOT_WHOLLY, visits=front) if reading.heard else NotUnderstood()
    return None


def _only_help(clause: Clause) -> bool:
    return not (clause.unknown or clause.marks or clause.mentions or clause.values)


def _confirm_left(clause: Clause, context: ReplyContext) -> Ask:
    cards = [card for card in context.cards if card.code in clause.codes] if clause.codes else None
    if cards is None:
        cards = [] if context.front is None else [context.front]
    patients = {card.code for card in cards}
    kind = AnswerKind.NO_LONGER_FOLLOWED
    if len(patients) != 1:
        return Ask(
            Question.WHICH_PATIENT,
            visits=tuple(card.visit_id for card in cards or context.cards),
            kind=kind,
            leaving=clause.leaving,
        )
    tasks = [task.task_id for card in cards for task in card.tasks if kind in task.answers]
    visits = tuple(card.visit_id for card in cards)
    return Ask(Question.CONFIRM_LEFT, visits=visits, tasks=tuple(tasks[:1]), kind=kind, leaving=clause.leaving)


def _asked_of_all(asked: list[Ask]) -> Ask:
    """The first question, about everything that it is to be asked about: "302-014 and 302-017 uploaded" asks for both."""
    first = asked[0]
    same = [one for one in asked if replace(one, visits=first.visits, tasks=first.tasks) == first]
    return replace(
        first,
        visits=tuple(dict.fromkeys(visit for one in same for visit in one.visits)),
        tasks=tuple(task for one in same for task in one.tasks),
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    """One wholly known clause, judged."""

    clause: Clause
    context: ReplyContext
    today: date
    front: tuple[UUID, ...] = field(init=False)

    def __post_init__(self) -> None:
        front = self.context.front
        object.__setattr__(self, "front", () if front is None else (front.visit_id,))

    def outcome(self) -> Outcome:
        if self.clause.values:
            return self._stated()
        if self.context.asked is not None and self._bare_day():
            return self._day_asked_for(self.context.asked)
        wanted = self._wanted()
        if isinstance(wanted, Question):
            return self._asked_about(wanted)
        found = targets(self.clause, wanted, self.context)
        if isinstance(found, NoTarget):
            return Ask(found.question, visits=found.visits, tasks=found.tasks, kind=found.kind)
        return self._answers(wanted, found)

    def _wanted(self) -> Wanted | Question:  # noqa: C901 - the table of what a clause says, flat
        """What the clause asks for, or what it leaves open."""
        acts, marks = self.clause.acts, self.clause.marks
        about = acts - {Act.FINISH, Act.PLAN}
        if Mark.NOT_YET in marks:
            return Question.UNTIL_WHEN
        if Mark.NEGATED in marks:
            return Question.WHY_NOT
        if len(about) > 1 or {Mark.PAST, Mark.FUTURE} <= marks:
            return self._coming(about) if Mark.FUTURE in marks and len(about) <= 1 else Question.UNCERTAIN
        act = next(iter(about), None)
        match act:
            case Act.NOT_APPLICABLE:
                return Question.WHICH_REASON
            case Act.REMIND:
                return Question.UNCERTAIN if Mark.PAST in marks else Wanted(Intent.WAIT)
            case Act.BOOK:
                return Question.UNCERTAIN if Mark.FUTURE in marks else Wanted(Intent.BOOKED, sure=Act.PLAN in acts)
            case Act.FINISH | Act.PLAN:
                raise AssertionError("taken out above")
            case None | Act.PERFORM | Act.UPLOAD | Act.SEND:
                if Mark.FUTURE in marks and act is None and not (Act.PLAN in acts or self._says_of_what()):
                    # "I will, tomorrow": do it, book it, or answer?
                    return Question.WHICH_ANSWER
                if Mark.FUTURE in marks:
                    return Wanted(Intent.PLANNED, act)
                if Mark.PAST in marks:
                    return Wanted(Intent.DID, act)
                return self._without_a_tense(act)
        assert_never(act)

    def _coming(self, about: frozenset[Act]) -> Wanted | Question:
        """A plan, where nothing of it can have happened: "will be uploaded tomorrow"."""
        act = next(iter(about), None)
        plannable = act in {None, Act.PERFORM, Act.UPLOAD, Act.SEND}
        return Wanted(Intent.PLANNED, act) if plannable and self._lies_ahead() else Question.UNCERTAIN

    def _without_a_tense(self, act: Act | None) -> Wanted | Question:
        if act is None and self._says_of_what() and self._lies_ahead():
            return Wanted(Intent.PLANNED)
        if act is None and self.clause.echo and self._lies_behind():
            echoed = next(iter(self.clause.echo - {Act.FINISH}), None)
            return Wanted(Intent.DID, echoed)
        return Question.WHICH_ANSWER

    def _says_of_what(self) -> bool:
        return bool(self.clause.tasks or self.clause.things) or self.clause.visits is not None

    def _lies_ahead(self) -> bool:
        days = plausible(self.clause.mentions, Frame(self.today))
        return bool(days) and all(day > self.today for day in days)

    def _lies_behind(self) -> bool:
        days = plausible(self.clause.mentions, Frame(self.today))
        return bool(days) and all(day <= self.today for day in days)

    def _bare_day(self) -> bool:
        said = self.clause.acts | self.clause.marks
        return bool(self.clause.mentions) and not said and not self.clause.named

    def _asked_about(self, question: Question) -> Ask:
        kinds = {
            Question.UNTIL_WHEN: AnswerKind.LATER,
            Question.WHY_NOT: AnswerKind.NOT_DONE,
            Question.WHICH_REASON: AnswerKind.NOT_APPLICABLE,
        }
        kind = kinds.get(question)
        found = None if kind is None else targets(self.clause, Wanted(Intent.ANY, kind=kind), self.context)
        if isinstance(found, Targets):
            visits = tuple({card.visit_id: None for card, _ in found.tasks})
            return Ask(question, visits=visits, tasks=tuple(task.task_id for _, task in found.tasks), kind=kind)
        return Ask(question, visits=self.front, kind=kind)

    def _stated(self) -> Outcome:
        """A value of the fact that the card asks for, and not a word more."""
        front = self.context.front
        task = None if front is None else next((one for one in front.tasks if one.values), None)
        others = self.clause.acts | self.clause.marks or self.clause.mentions or self.clause.named
        if front is None or task is None or others or len(self.clause.values) != 1:
            return Ask(Question.CONTRADICTION, visits=self.front)
        if AnswerKind.STATED not in task.answers:
            return Ask(Question.CLOSED, visits=self.front, tasks=(task.task_id,))
        (value,) = self.clause.values
        return Clear((Action(front.visit_id, task.task_id, AnswerKind.STATED, Said(value=value)),))

    def _day_asked_for(self, asked: Asked) -> Outcome:
        for card in self.context.cards:
            for task in card.tasks:
                if task.task_id == asked.task_id and asked.kind in task.answers:
                    said = self._answer(card, task, asked.kind)
                    return Clear((said,)) if isinstance(said, Action) else said
        return Ask(Question.CLOSED, visits=self.front, tasks=(asked.task_id,))

    def _answers(self, wanted: Wanted, found: Targets) -> Outcome:
        actions: list[Action] = []
        asked: list[Ask] = []
        confirm = found.confirm
        for card, task in found.tasks:
            said = self._answer(card, task, wanted.answer_for(task), sure=wanted.sure)
            if isinstance(said, Ask):
                asked.append(said)
                continue
            confirm = confirm or self._may_mean_the_visit(card, task, said, wanted)
            actions.append(said)
        if asked:
            return _asked_of_all(asked)
        return Ask(Question.CONFIRM, actions=tuple(actions)) if confirm else Clear(tuple(actions))

    def _may_mean_the_visit(self, card: ReplyCard, task: ReplyTask, action: Action, wanted: Wanted) -> bool:
        """On the day of the examination "MRI done", or "MRI 11 March uploaded", may tell that day once more."""
        if wanted.intent is not Intent.DID or task.kind not in HANDED_OVER or action.said.day != card.held:
            return False
        return wanted.act is None or action.said.day != self.today

    def _answer(self, card: ReplyCard, task: ReplyTask, kind: AnswerKind, *, sure: bool = True) -> Action | Ask:
        """What to record about one task, or the question about its day."""
        frame = Frame(self.today, task.opens, task.closes, card.held if task.kind in HANDED_OVER else None)
        if kind in {AnswerKind.DONE, AnswerKind.UPLOADED}:
            day = day_done(self.clause.mentions, frame)
        else:
            day = day_to_come(self.clause.mentions, frame, sure=sure)
        if isinstance(day, NoOneDay):
            until = kind is AnswerKind.LATER and day.why is NoDay.NOT_SAID
            question = Question.UNTIL_WHEN if until else _DAY_QUESTIONS[day.why]
            return Ask(question, (card.visit_id,), (task.task_id,), kind, day.days)
        if slips := self._slips(task, day, ahead=kind not in {AnswerKind.DONE, AnswerKind.UPLOADED}):
            return Ask(Question.WHICH_DAY, (card.visit_id,), (task.task_id,), kind, (day, *slips))
        said = Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
        return Action(card.visit_id, task.task_id, kind, said, outside_window=task.outside(day))

    def _slips(self, task: ReplyTask, day: date, *, ahead: bool) -> tuple[date, ...]:
        """Days inside the window that were meant if the numbers of a day outside it stand in the other order."""
        if not task.outside(day):
            return ()
        others = (other for mention in self.clause.mentions for other in mention.unusual)
        return tuple(other for other in others if not task.outside(other) and (other > self.today) is ahead)
