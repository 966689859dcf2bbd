"""Everybody of a rehearsal as it knows them."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from rehearsal.script import Place, Player
from rehearsal.stage import Stage
from trial.calendars import WorkingCalendar
from trial.moments import Instant, local_day


@dataclass
class Cast:
    """Somebody of the script as the rehearsal knows them. `place` and `calendar`: where and when they work."""

    player: Player
    zone: ZoneInfo
    calendar: WorkingCalendar
    place: Place | None
    person_id: UUID | None = None
    spots: dict[UUID, int] = field(default_factory=dict)  # of each visit, the message that showed it last
    cards: dict[UUID, int] = field(default_factory=dict)  # of each visit, its newest card, until it was replied to
    rung: set[UUID] = field(default_factory=set)  # visits of which a card came that they have not looked at
    coming: dict[UUID, Instant] = field(default_factory=dict)  # when they will look at a visit again
    waits: dict[UUID, date] = field(default_factory=dict)  # until when there is nothing to say of it
    read_up_to: int = 0  # the newest message that they have seen

    @property
    def chat(self) -> int:
        return self.player.chat


def is_here(who: Cast, stage: Stage) -> bool:
    """Whether anything comes from them now: they are not away, have not fallen silent, and have not blocked the bot."""
    player, today = who.player, local_day(stage.now, who.zone)
    if player.silent_from is not None and today >= stage.day(player.silent_from):
        return False
    if who.chat in stage.engine.chats.blocked:
        return False
    return not any(stage.day(gone.first) <= today < stage.day(gone.first + gone.days) for gone in player.leaves)
