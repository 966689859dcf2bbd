"""The hands of everybody in a rehearsal: they read what arrives, and answer by habit what is true by then.

Each answer is a press or a text in a chat, taken by the same door as a real one. Only the browsing in between is left out:
a day is pressed without turning to the sheet of days first.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from bot import presses
from bot.buttons import UnknownPress, decode, encode
from bot.composing import Send
from bot.presses import Press
from office.cards import CardTaskView, CardView, card_view
from records import answers, digests
from records.outbox import Claim, NoticeKind
from records.patients import patient_by_id
from rehearsal.cast import Cast, is_here
from rehearsal.script import Patient, Place, Script
from rehearsal.stage import Stage
from rehearsal.truths import Truths
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.calendars import DAY
from trial.messages import Standing, Toast
from trial.moments import Instant, local_day
from trial.tasks import TaskKind

AHEAD: Final = timedelta(days=42)
"""So far ahead a visit is booked."""
HELP: Final = 0.015
"""The share of tasks for which somebody asks the trial office for help first."""
EXPLAINS: Final = 0.15
"""The share of tasks that nobody can answer yet of which they say until when, unasked."""
EXPLAINS_FOR: Final = (20, 45)  # days
EXPLAINS_AT_MOST: Final = 4
QUIET: Final = timedelta(days=8)
QUIET_WHEN_LATE: Final = timedelta(days=3)
"""So long after the last word of a site whoever is asked there says at least until when."""
REREADS: Final = timedelta(minutes=6)
"""So long after what they wrote people look whether it was understood."""
SOON: Final = timedelta(minutes=1)
PRESSES: Final = 5
"""So often somebody presses on one message in a row: a question that stays is not answered by pressing on."""


Claimed = Callable[[CardTaskView], None]
"""Told of each task that somebody said is done: an upload may have been claimed."""


class Hands:
    """What everybody does. `cast` by chat."""

    def __init__(
        self, stage: Stage, script: Script, cast: Mapping[int, Cast], truths: Truths, *, claimed: Claimed
    ) -> None:
        self._stage = stage
        self._script = script
        self._cast = cast
        self._truths = truths
        self._claimed = claimed
        self._engine = stage.engine
        self._patients: Mapping[str, Patient] = {one.code: one for one in script.patients}
        self._departed: set[str] = set()
        self._explained: dict[UUID, list[date]] = {}  # of each task, until when people said that they need
        self._heard: dict[str, Instant] = {}  # when something was last said at each place

    # --- what arrives -------------------------------------------------------------------------------------------------

    def arrived(self, claim: Claim, said: Send, message_id: int) -> None:
        """A new message stands in somebody's chat."""
        who = self._cast.get(said.chat)
        if who is None or who.person_id is None:
            return
        quiet = self._is_quiet(who, QUIET_WHEN_LATE)
        for visit_id in self._shown_by(claim):
            who.spots[visit_id] = message_id
            if claim.kind is NoticeKind.CARD:
                who.cards[visit_id] = message_id
                who.rung.add(visit_id)
            acts = self._stage.chance.random() < who.player.habit.answers
            waits = who.waits.get(visit_id)
            known = waits is not None and waits > local_day(self._stage.now, who.zone)
            if acts and (quiet or not known):
                quiet = quiet and not known  # one word is enough
                self._look_later(who, visit_id, self._stage.some(who.player.habit.soonest, who.player.habit.latest))
        if claim.kind is NoticeKind.MESSAGE:
            moment = self._stage.now + self._stage.some(timedelta(minutes=20), timedelta(days=2))
            when = self._stage.at_work(moment, who.calendar, who.zone)
            self._stage.at(when, partial(self.tidy, who, message_id))

    def _shown_by(self, claim: Claim) -> tuple[UUID, ...]:
        if claim.kind is NoticeKind.CARD and claim.visit_id is not None:
            return (claim.visit_id,)
        if claim.kind is NoticeKind.DIGEST and claim.digest_id is not None:
            with self._engine.records.read() as tx:
                return tuple(dict.fromkeys(item.visit_id for item in digests.items_of(tx, claim.digest_id)))
        return ()

    def _look_later(self, who: Cast, visit_id: UUID, delay: timedelta) -> None:
        when = self._stage.at_work(self._stage.now + delay, who.calendar, who.zone)
        known = who.coming.get(visit_id)
        if known is None or when < known:
            who.coming[visit_id] = when
            self._stage.at(when, partial(self._look, who, visit_id, when))

    def _reads(self, who: Cast) -> None:
        """Whoever opens a chat sees all that stands in it."""
        who.read_up_to = self._engine.chats.newest(who.chat)

    # --- cards --------------------------------------------------------------------------------------------------------

    def _look(self, who: Cast, visit_id: UUID, planned: Instant) -> None:
        """Somebody looks at a visit's card and says what they can."""
        if who.coming.get(visit_id) != planned:
            return  # they have looked sooner
        del who.coming[visit_id]
        if who.person_id is None or not is_here(who, self._stage):
            return
        self._reads(who)
        if who.place is None:
            return
        view = self._view(who, visit_id)
        if view is None or not view.allowed or view.paused:
            return
        if self._departs(who, view) or self._writes(who, view):
            return
        waits = self._answer_all(who, who.place, view)
        who.rung.discard(visit_id)
        who.waits.pop(visit_id, None)
        if waits:
            who.waits[visit_id] = min(waits)
            morning = datetime.combine(min(waits), datetime.min.time(), tzinfo=who.zone)
            drawn = self._stage.some(timedelta(hours=9), timedelta(hours=16) + who.player.habit.soonest * 2)
            self._look_later(who, visit_id, max(SOON, morning + drawn - self._stage.now))

    def _answer_all(self, who: Cast, place: Place, view: CardView) -> list[date]:
        """Says of each task what can be said; the days on which there is more to say."""
        waits: list[date] = []
        for task in view.tasks:
            if task.answers and task.firm:
                stuck = self._truths.stuck_until(place, view, task)
                if stuck is None or stuck <= view.today:
                    day = self._answer(who, view, task)
                else:
                    self._explain(who, view, task)
                    day = stuck
                if day is not None and day != date.max:
                    waits.append(day)
        return waits

    def _answer(self, who: Cast, view: CardView, task: CardTaskView) -> date | None:
        """Says of a task what is true by now; the day on which there is more to say."""
        if task.asked_again:
            self._press(who, view.visit_id, presses.AlreadySent(task.task_id))
            self._claimed(task)
            return None
        if (
            task.asked_for_help is None
            and self._truths.chance("help", view, task) < HELP
            and self._asks(who, view, task)
        ):
            return None
        if task.kind is TaskKind.FACT:
            self._press(who, view.visit_id, presses.SayValue(task.task_id, self._truths.value(view, task)))
            return None
        day = self._truths.day(view, task, who.calendar)
        if day is None:
            return None
        if day > view.today:
            return self._book(who, view, task, day)
        reason = self._truths.reason(view, task) if task.kind is TaskKind.HOLD else None
        if reason is not None:
            self._press(who, view.visit_id, presses.SayReason(task.task_id, AnswerKind.NOT_DONE, reason))
            return None
        self._say(who, view, task, day)
        return None

    def _explain(self, who: Cast, view: CardView, task: CardTaskView) -> None:
        """It cannot be done yet: some say until when they hope to have it, and say so anew when that day has passed."""
        said = self._explained.get(task.task_id, [])
        # A list of what is open asks nothing new; a card does.
        promised = bool(said) and (said[-1] > view.today or len(said) >= EXPLAINS_AT_MOST)
        if AnswerKind.LATER not in task.answers or (promised and view.visit_id not in who.rung):
            return
        is_late = task.closes is not None and task.closes < view.today
        unasked = not said and self._truths.chance("explains", view, task) < EXPLAINS
        if unasked or self._is_quiet(who, QUIET_WHEN_LATE if is_late else QUIET):
            until = view.today + DAY * self._stage.chance.randint(*EXPLAINS_FOR)
            self._press(who, view.visit_id, presses.Say(task.task_id, AnswerKind.LATER, until))
            self._explained[task.task_id] = [*said, until]

    def _is_quiet(self, who: Cast, since: timedelta) -> bool:
        """Whether nothing has been said at this person's site for so long."""
        last = self._heard.get(who.player.place or "")
        return last is None or self._stage.now - last >= since

    def contest(self, who: Cast, visit_id: UUID, answer_id: UUID) -> None:
        """What the trial office took down is not so."""
        if who.person_id is not None and is_here(who, self._stage):
            self._press(who, visit_id, presses.Undo(answer_id), Toast.UNDONE)

    def _say(self, who: Cast, view: CardView, task: CardTaskView, day: date) -> None:
        kind = AnswerKind.UPLOADED if task.kind is TaskKind.UPLOAD else AnswerKind.DONE
        wrong = day - DAY
        if self._stage.chance.random() < who.player.habit.errs and (task.opens is None or wrong >= task.opens):
            if self._press(who, view.visit_id, presses.Say(task.task_id, kind, wrong)):
                right = presses.Say(task.task_id, kind, day)
                self._stage.later(
                    timedelta(minutes=self._stage.chance.randint(2, 8)),
                    partial(self._correct, who, view.visit_id, right),
                )
            return
        if self._press(who, view.visit_id, presses.Say(task.task_id, kind, day)):
            self._claimed(task)

    def _book(self, who: Cast, view: CardView, task: CardTaskView, day: date) -> date:
        fits = task.kind is TaskKind.HOLD and task.standing is not Standing.BOOKED and day - view.today <= AHEAD
        if fits and task.day is None and self._truths.chance("books", view, task) < who.player.habit.books:
            self._press(who, view.visit_id, presses.Say(task.task_id, AnswerKind.BOOKED, day))
        return day

    def _asks(self, who: Cast, view: CardView, task: CardTaskView) -> bool:
        wanted = self._stage.chance.choice((HelpKind.CALL_ME, HelpKind.QUERY, HelpKind.PORTAL_DOWN))
        with self._engine.records.read() as tx:
            before = answers.standing_of_visit(tx, view.visit_id)
        if any(one.kind is AnswerKind.NEED_HELP for one in before):
            return False
        return self._press(who, view.visit_id, presses.SayHelp(task.task_id, wanted))

    def _correct(self, who: Cast, visit_id: UUID, right: presses.Say) -> None:
        """The day was wrong: what was said is taken back, and said anew."""
        view = self._view(who, visit_id)
        if view is None or view.receipt is None or not view.receipt.undo_possible:
            return
        if self._press(who, visit_id, presses.Undo(view.receipt.answer_id), Toast.UNDONE):
            self._press(who, visit_id, right)
            task = view.task(right.task)
            if task is not None:
                self._claimed(task)

    def _writes(self, who: Cast, view: CardView) -> bool:
        """Some write what is true below a card, instead of pressing it; what was not understood they press then."""
        asked = [task for task in view.tasks if task.answers]
        replies = self._script.replies.get(who.player.language)
        message_id = who.cards.get(view.visit_id)
        if replies is None or message_id is None or who.place is None or not asked:
            return False
        days: list[date] = []
        for task in asked:
            day = self._truths.day(view, task, who.calendar)
            plain = task.kind in {TaskKind.UPLOAD, TaskKind.HOLD} and not task.asked_again and task.firm
            if not plain or day is None or day >= view.today or self._truths.stuck_until(who.place, view, task):
                return False
            days.append(day)
        kinds = {task.kind for task in asked}
        if len(kinds) > 1 or self._truths.chance("writes", view, asked[0]) >= who.player.habit.writes:
            return False
        held = kinds == {TaskKind.HOLD}
        if held and self._truths.reason(view, asked[0]) is not None:
            return False
        words = replies.held if held else replies.uploaded if len(asked) == 1 else replies.all_uploaded
        who.cards.clear()  # once in a while, and not again about the same
        self._engine.types(who.chat, words.format(day=max(days)), reply_to=message_id)
        self._engine.catch_up()  # who writes is answered below, and at once
        self._look_later(who, view.visit_id, REREADS)
        for task in asked:
            self._claimed(task)
        return True

    def _departs(self, who: Cast, view: CardView) -> bool:
        """The patient of this card is no longer followed, and now the site says so."""
        patient = self._patients.get(view.patient_code)
        if patient is None or patient.departs is None or patient.code in self._departed:
            return False
        task = next((one for one in view.tasks if AnswerKind.NO_LONGER_FOLLOWED in one.answers), None)
        if task is None or view.today < self._stage.day(patient.departs):
            return False
        if not self._press(who, view.visit_id, presses.SayLeft(task.task_id, patient.leaving)):
            return False
        self._departed.add(patient.code)
        return True

    def _view(self, who: Cast, visit_id: UUID) -> CardView | None:
        if who.person_id is None:
            return None
        with self._engine.records.read() as tx:
            return card_view(tx, self._engine.studies, visit_id, who.person_id, **self._engine.times)

    def _press(self, who: Cast, visit_id: UUID, meant: Press, wanted: Toast | None = None) -> bool:
        """Presses where the visit stands; whether it was taken."""
        message_id = who.spots.get(visit_id)
        if message_id is None:
            return False
        reaction = self._engine.press(who.chat, message_id, encode(meant))
        taken = (Toast.RECORDED, Toast.ASKED_FOR_HELP) if wanted is None else (wanted,)
        if reaction is None or reaction.toast not in taken:
            return False
        self._heard[who.player.place or ""] = self._stage.now
        return True

    # --- messages that are no cards -----------------------------------------------------------------------------------

    def tidy(self, who: Cast, message_id: int, presses_left: int = PRESSES) -> None:
        """Somebody answers what a message asks: who joined, help that was given, a patient who has left."""
        stands = self._engine.chats.find(who.chat, message_id)
        if stands is None or not is_here(who, self._stage):
            return
        self._reads(who)
        meant = [press for row in stands.keyboard for key in row if (press := _read(key.data)) is not None]
        wanted = [press for press in meant if self._chooses(who, press)]
        # Once a day can be pressed, there is no need of another attempt to reach the patient.
        chosen = next((press for press in wanted if isinstance(press, presses.LeavingOn)), next(iter(wanted), None))
        if chosen is None or not presses_left:
            return
        self._engine.press(who.chat, message_id, encode(chosen))
        if isinstance(chosen, presses.LeavingAs | presses.AttemptOn):
            self._engine.catch_up()
            self._stage.later(SOON, partial(self.tidy, who, message_id, presses_left - 1))

    def _chooses(self, who: Cast, press: Press) -> bool:
        match press:
            case presses.Keep() | presses.LookedAt():
                return True
            case presses.LeavingAs(patient_id, kind):
                return who.place is None and kind is self._confirms(patient_id)
            case presses.LeavingOn() | presses.AttemptOn():
                return who.place is None
            case _:
                return False

    def _confirms(self, patient_id: UUID) -> LeavingKind | None:
        with self._engine.records.read() as tx:
            found = patient_by_id(tx, patient_id)
        patient = None if found is None else self._patients.get(found.code)
        return None if patient is None else patient.confirmed_as


def _read(data: str) -> Press | None:
    try:
        return decode(data)
    except UnknownPress:
        return None
