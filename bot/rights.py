"""Who may press what: every press is judged by what it means, by what it is about, and by its sender's rights now. Pure.

A press is data that anybody may send (decision 0009). The message that it came from decides nothing here.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from bot import presses
from bot.presses import Press
from records.plans import VisitPlace
from scheduler.definitions import zone_of
from trial.access import Action, Actor, may, may_for_themselves
from trial.moments import Instant, local_day


@dataclass(frozen=True, slots=True)
class Subject:
    """What a press is about: a place in a study, or something that one person owns. `today` is the local date there."""

    today: date
    study_id: UUID | None = None
    site_id: UUID | None = None  # None: the study as a whole
    owner: UUID | None = None


def at_site(place: VisitPlace, *, now: Instant) -> Subject:
    """A visit, or a task or an answer of it."""
    return Subject(local_day(now, zone_of(place.zone)), study_id=place.study_id, site_id=place.site_id)


def owned_by(person_id: UUID, *, now: Instant) -> Subject:
    return Subject(now.date(), owner=person_id)


def permits(actor: Actor, press: Press, about: Subject) -> bool:
    """Whether this person may press this now."""
    action = action_of(press)
    if action is None:
        return may_for_themselves(actor, owner=about.owner)
    if about.study_id is None:
        return False
    return may(actor, action, study_id=about.study_id, site_id=about.site_id, today=about.today)


def action_of(press: Press) -> Action | None:
    """What a press does; None: something that only its owner may do, and nobody else for them."""
    match press:
        case (
            presses.Say()
            | presses.SayBoth()
            | presses.SayReason()
            | presses.WriteReason()
            | presses.SayValue()
            | presses.SayLeft()
            | presses.SayHelp()
            | presses.AlreadySent()
            # What leads to an answer: a card is nothing to look at for whoever may not give one.
            | presses.Front()
            | presses.ChooseDay()
            | presses.Month()
            | presses.Others()
            | presses.ChooseTask()
            | presses.ChooseReason()
            | presses.WhyLeft()
            | presses.ConfirmLeft()
            | presses.ChooseHelp()
            | presses.Why()
            | presses.OpenItem()
            | presses.Linked()
            | presses.Receipt()
        ):
            return Action.ANSWER
        case presses.Undo():
            return Action.UNDO
        case (
            presses.LeavingKinds()
            | presses.LeavingAs()
            | presses.LeavingMonth()
            | presses.LeavingOn()
            | presses.AttemptDays()
            | presses.AttemptMonth()
            | presses.AttemptOn()
            | presses.StillFollowed()
        ):
            return Action.CONFIRM
        case presses.LookedAt():
            return Action.MANAGE
        case presses.Revoke() | presses.Keep():
            return Action.ADMIT
        case (
            presses.GoTo()
            | presses.AskAway()
            | presses.AwayMonth()
            | presses.AwayUntil()
            | presses.AwayWith()
            | presses.AwayAlone()
            | presses.ImBack()
            | presses.SetHours()
            | presses.SetRhythm()
            | presses.SetLanguage()
            | presses.LetIn()
            | presses.KeepOut()
            | presses.GotIt()
            | presses.Join()
            | presses.Decline()
            | presses.Languages()
            | presses.Speak()
            | presses.Nothing()
        ):
            # Whose an invitation is, the chat decides that opened its link (`bot/joining.py`).
            return None
    assert_never(press)
