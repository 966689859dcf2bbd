"""Messages that may not have arrived: somebody of the trial office has looked at one, and takes it off the list."""

from uuid import UUID

from office import items
from office.judging import Refusal
from office.rights import allowed_at, allowed_in_study
from records import office_items, schema, sites
from records.board import notices
from records.board.notices import LOOKED_AT, TroubledRow
from records.transaction import Tx
from trial.access import Action
from trial.moments import Instant


def look_at(tx: Tx, notice_id: UUID, *, by: UUID, now: Instant, elapsed: Instant) -> TroubledRow | Refusal:
    """Records that somebody has looked at it; the item that asked for it is closed with that. Nothing is sent again: what
    the message was about rings by its own ladder.

    UNKNOWN: there is no such notice, or it arrived. CLOSED: somebody looked at it before.
    """
    found = notices.troubled_one(tx, notice_id)
    if found is None:
        return Refusal.UNKNOWN
    if not _may_look(tx, found, by, now=now):
        return Refusal.NOT_ALLOWED
    if notices.looked_at(tx, [notice_id]):
        return Refusal.CLOSED
    item = office_items.open_item_about(tx, f"notice_unknown:{notice_id}")
    if item is not None:
        items.close_about(tx, item.key, items.LOOKED_AT, by=by, now=now, elapsed=elapsed)
    tx.audit(LOOKED_AT, table=schema.notice, object_id=notice_id, by=by, at=now, recorded_at=elapsed)
    return found


def _may_look(tx: Tx, found: TroubledRow, by: UUID, *, now: Instant) -> bool:
    """Whoever manages the site that it is about, else one of the places of whom it was for."""
    if found.site_id is not None:
        site = sites.site_by_id(tx, found.site_id)
        return site is not None and allowed_at(tx, by, Action.MANAGE, site, now=now)
    if found.person_id is None:
        return False
    for place in notices.places_of(tx, [found.person_id]).get(found.person_id, ()):
        site = None if place.site_id is None else sites.site_by_id(tx, place.site_id)
        if site is None and allowed_in_study(tx, by, Action.MANAGE, place.study_id, now=now):
            return True
        if site is not None and allowed_at(tx, by, Action.MANAGE, site, now=now):
            return True
    return False
