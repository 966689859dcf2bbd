"""Chats that name nothing: no study, code, visit or date (the site's disclosure is `task-only`); and the links to pages.

A card there says where and how many; its one button asks for a link to the item's own page (`office/item_page.py`). What
would be told in other messages is left out of them, or they are replaced by where to turn.
"""

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from bot import presses
from bot.cards import Composed
from bot.layout import Page, Rows, button
from bot.presses import Linked, Press
from office import signing_in
from office.cards import CardView
from office.disclosure import Disclosure
from office.item_card import task_only_of
from office.item_page import link_address, make_link
from records.transaction import Tx
from trial.messages import (
    AccessEnded,
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    BoardAnswered,
    BoardNumberUnknown,
    BoardQuestion,
    BoardWay,
    ButtonKind,
    Card,
    CoverAsked,
    Digest,
    Gap,
    Help,
    HelpClosed,
    HelpNeeded,
    HoursQuestion,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    Kept,
    KeptOut,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    Message,
    NoSuchSite,
    NothingToExplain,
    Nudge,
    OfficeNews,
    OverdueList,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    PrivacyNotice,
    Refusal,
    SiteBrief,
    StudyBrief,
    TaskList,
    TaskOnlyCard,
    TaskOnlyDigest,
    TestTask,
    TestTaskDone,
    TextBlocked,
    WhichMeant,
    WhichPatient,
    WhyThis,
)
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Door:
    """Makes the links of a message that is composed now. `address`: where our pages are; empty: no phone can open them."""

    tx: Tx
    address: str
    now: Instant
    elapsed: Instant

    def link(self, view: CardView, face: Press | None) -> str | None:
        """A new link, for as long as the card shows the one that was asked for."""
        if not isinstance(face, Linked) or self.elapsed.timestamp() >= face.until or not self.address:
            return None
        token = make_link(self.tx, person_id=view.person_id, visit_id=view.visit_id, now=self.now, elapsed=self.elapsed)
        return None if token is None else link_address(self.address, token)

    def to_the_board(self, person_id: UUID | None, *, at: str) -> tuple[BoardWay, Rows]:
        """How somebody gets to the board at this address, with a new link where a phone can open it."""
        token = None
        if self.address and person_id is not None:
            token = signing_in.make_login_link(self.tx, person_id, by=person_id, now=self.now, elapsed=self.elapsed)
        if token is None:
            return BoardWay(at), ()
        way = button(ButtonKind.TO_THE_BOARD, Page(signing_in.link_address(self.address, token)))
        return BoardWay(at, by_link=True), ((way,),)


def is_discreet(disclosure: str) -> bool:
    return disclosure == Disclosure.TASK_ONLY


def compose_item(
    view: CardView, face: Press | None, door: Door, *, again: bool = False, place: tuple[int, int] | None = None
) -> Composed:
    """The card, or the nudge below it (`again`), with the button that leads to the item's page."""
    link = None if again else door.link(view, face)
    if link is None:
        way = button(ButtonKind.OPEN_ITEM, presses.OpenItem(view.visit_id))
    else:
        way = button(ButtonKind.TO_THE_PAGE, Page(link))
    return Composed(task_only_of(view, ready=link is not None, again=again, place=place), ((way,),))


def kept_out(note: Message) -> Message:  # noqa: C901, PLR0912 - one case per kind of message, flat
    """What is said instead of a message that names what the reader's chat may not; others stay as they are."""
    match note:
        case InviteQuestion() | PrivacyNotice() | AccessEnded() | Help():
            return replace(note, study="")
        case WhyThis():
            return replace(note, study="", code="", visit={}, task=None, opens=None, due=None, closes=None)
        case TaskList(site_number=site):
            return KeptOut(Kept.LIST, site)
        case WhichPatient():
            return KeptOut(Kept.LIST)
        case WhichMeant():
            return KeptOut(Kept.WORDS)
        case HelpClosed(site_number=site):
            return KeptOut(Kept.HELP_CLOSED, site)
        case LeavingToConfirm(site_number=site):
            return KeptOut(Kept.LEAVING, site)
        case LeavingConfirmed(site_number=site):
            return KeptOut(Kept.LEAVING_CONFIRMED, site)
        case LeavingTakenBack(site_number=site):
            return KeptOut(Kept.LEAVING_TAKEN_BACK, site)
        case Card() | Nudge() | Digest() | OfficeNews() | HelpNeeded() | PatientPaused() | OverdueList():
            return _not_here(note)
        case (
            SiteBrief()
            | NoSuchSite()
            | StudyBrief()
            | PersonEnrolled()
            | PersonKept()
            | PersonRevoked()
            | InviteRefused()
        ):
            return _not_here(note)
        case WhichMeant():
            return KeptOut(Kept.WORDS)
        case TaskOnlyCard() | TaskOnlyDigest() | KeptOut() | Refusal() | TextBlocked() | Gap() | NothingToExplain():
            return note
        case TestTask() | TestTaskDone() | InviteLanguage() | InviteInvalid() | InviteDeclined():
            return note
        case BoardWay() | BoardQuestion() | BoardAnswered() | BoardNumberUnknown():
            return note
        # Somebody's own days and hours tell nothing of a patient.
        case AwayUntil() | AwayCover() | AwaySet() | CoverAsked() | BackAgain() | HoursQuestion() | LanguageQuestion():
            return note
    assert_never(note)


def _not_here(note: Message) -> Message:
    """Composed when they are sent, or for the trial office alone: what comes here all the same is not shown."""
    site = getattr(note, "site_number", None)
    return KeptOut(Kept.LIST, site if isinstance(site, str) else None)
