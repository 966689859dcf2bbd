"""Commands: what somebody asks for by name, each answered by one message, as far as they may see it."""

from typing import Final
from uuid import UUID

from bot import own_time
from bot.browsers import to_the_board
from bot.menus import has_site
from bot.notes import put_note
from bot.turns import Turn
from locales import offered
from office import explaining, lists
from office import people as membership
from office.cards import card_view
from office.disclosure import names_nothing
from records import cards, digests, outbox, studies
from records.people import Speaker
from scheduler.definitions import Definitions
from trial.access import Action, may
from trial.messages import (
    DigestKind,
    Help,
    Kept,
    KeptOut,
    ListKind,
    Message,
    NothingToExplain,
    PrivacyNotice,
    WhyThis,
)

HELP: Final = "help"
PRIVACY: Final = "privacy"
_FOR_READERS: Final = offered(office=False, at_site=False, discreet=False)


class Commands:
    """Answers commands of people we know; one that there is not, with what there is."""

    def __init__(self, known: Definitions) -> None:
        self._studies = known

    def answer(
        self, turn: Turn, speaker: Speaker, name: str, argument: str, *, replied_to: tuple[int, int] | None = None
    ) -> None:
        """`argument` is what admission let stand behind the command: a code, a number, or nothing. `replied_to`: chat
        and message that it was typed as a reply to.
        """
        match name:
            case "why" if replied_to is not None and not self._only_looks(turn, speaker):
                put_note(turn, speaker.person.id, self._why(turn, speaker, *replied_to))
            case "board":
                to_the_board(turn, speaker, argument)
            case _ if self._only_looks(turn, speaker) and name not in _FOR_READERS:
                put_note(turn, speaker.person.id, self._said(turn, speaker, HELP, ""))
            case "away":
                own_time.asks_away(turn, speaker)
            case "quiet":
                own_time.asks_hours(turn, speaker)
            case "language":
                own_time.asks_language(turn, speaker)
            case ListKind.TODAY | ListKind.WEEK:
                self._open(turn, speaker, ListKind(name))
            case _:
                put_note(turn, speaker.person.id, self._said(turn, speaker, name, argument))

    def _only_looks(self, turn: Turn, speaker: Speaker) -> bool:
        """Whether somebody neither works at a site nor manages a study: nothing is asked of them here."""
        return not has_site(speaker.actor, now=turn.now) and not _of_the_office(turn, speaker)

    def _open(self, turn: Turn, speaker: Speaker, which: ListKind) -> None:
        """What is open, as a list that a button goes through; where a chat takes no list, as a digest of the same."""
        me = speaker.person.id
        found = [(task.visit_id, task.id) for task in lists.tasks_of(turn.tx, me, which, now=turn.now)]
        discreet = names_nothing(turn.tx, me, today=turn.now.date())
        if found and (discreet or not _of_the_office(turn, speaker)):
            made = digests.make_digest(turn.tx, person_id=me, kind=DigestKind.ASKED, items=found, made_at=turn.now)
            if discreet:
                outbox.put_digests(turn.tx, [(made, me)], now=turn.now, elapsed=turn.elapsed)
            else:
                put_note(turn, me, self._said(turn, speaker, which, ""), ref=made)
        elif discreet:
            put_note(turn, me, KeptOut(Kept.NOTHING_OPEN))
        else:
            put_note(turn, me, self._said(turn, speaker, which, ""))

    def _why(self, turn: Turn, speaker: Speaker, chat: int, message_id: int) -> WhyThis | NothingToExplain:
        """Of the card, or of the item of a digest, that this replies to; of anything else what explains the last reminder."""
        tx, me, now = turn.tx, speaker.person.id, turn.now
        card = cards.card_by_message(tx, chat_id=chat, message_id=message_id)
        if card is not None:
            view = card_view(tx, self._studies, card.visit_id, me, now=now, elapsed=turn.elapsed)
            if view is None or not view.allowed:
                return NothingToExplain()
            task = next((one for one in view.tasks if one.answers), view.tasks[0])
            return explaining.why(tx, self._studies, me, task_id=task.task_id, now=now)
        digest = digests.digest_by_message(tx, chat_id=chat, message_id=message_id)
        if digest is None:
            return explaining.why(tx, self._studies, me, now=now)
        items = digests.items_of(tx, digest.id)
        # Of the overview its first item: the worst.
        shown = next((item.task_id for item in items if item.position == max(digest.place, 1)), None)
        return explaining.why(tx, self._studies, me, task_id=shown, digest=digest, now=now)

    def _said(self, turn: Turn, speaker: Speaker, name: str, argument: str) -> Message:
        """The list that was asked for; help for whoever may see nothing of it."""
        person = speaker.person.id
        found = self._listed(turn, person, name, argument)
        if found is not None:
            return found
        study = membership.study_code_of(turn.tx, person)
        if name == PRIVACY:
            return PrivacyNotice(study=study)
        return Help(study=study, office=_of_the_office(turn, speaker), at_site=has_site(speaker.actor, now=turn.now))

    def _listed(self, turn: Turn, person: UUID, name: str, argument: str) -> Message | None:
        tx, known, now = turn.tx, self._studies, turn.now
        match name:
            case "today":
                return lists.today(tx, known, person, now=now)
            case "week":
                return lists.week(tx, known, person, now=now)
            case "patient":
                return lists.patient(tx, known, person, argument or None, now=now)
            case "why":
                return lists.why(tx, known, person, now=now)
            case "overdue":
                return lists.overdue(tx, person, now=now)
            case "site":
                return lists.site_brief(tx, known, person, argument or None, now=now)
            case "brief":
                return lists.study_brief(tx, person, now=now)
            case _:
                return None


def _of_the_office(turn: Turn, speaker: Speaker) -> bool:
    return any(
        may(speaker.actor, Action.MANAGE, study_id=study.id, site_id=None, today=turn.now.date())
        for study in studies.studies(turn.tx)
    )
