"""What is silent, found once an hour: the trial office is told of each thing once, as soon as it is one.

Each thing is one open item, which is closed by itself where it became pointless. What no manager was told yet goes out as
one message to each of them, in their hours (`scheduler/office_news.py`).
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from records import agenda, office_items, sites, studies, told, watching
from records.database import Records
from records.office_items import NewItem
from records.pulses import pulses
from records.transaction import Tx
from scheduler.alarms import NOBODY
from scheduler.definitions import Definitions
from scheduler.digesting import set_missing_alarms
from scheduler.holds import standing
from scheduler.office_news import tell_news
from scheduler.opening import close_item, open_item
from scheduler.there import There, there
from trial.calendars import DAY
from trial.messages import ItemKind
from trial.moments import Instant, local_day

SILENT_AFTER_WD: Final = 10
"""So many working days of its own a site may leave what was rung without any answer. Ours, not clinical."""

SILENT_BEFORE_LATE_AFTER_WD: Final = 3
"""So many where something that was rung is late from the site's next working day on: then the office hears of it before it
is. A window that ends sooner after its first ring than that is late first. Something late that was not rung in this silence
hurries nobody: it was late while the site still answered. Ours, not clinical.
"""

INVITE_UNUSED_AFTER: Final = timedelta(days=7)
"""So long after an invitation was made, unused, the trial office hears of it. Ours."""

TICK_MISSING_AFTER: Final = timedelta(minutes=5)
"""So old may the last sign of life of the tick be while the service runs. Ours."""

TICK: Final = "tick"
"""The name of the tick's sign of life."""

NO_LONGER_SO: Final = "no_longer_so"
"""How an item ends that became pointless by itself."""

_NOTICES_AT_MOST: Final = 100


def watch(records: Records, studies_by_version: Definitions, *, now: Instant, elapsed: Instant) -> int:
    """Looks at every study and tells its managers what came up; how many items were opened."""
    with records.begin() as tx:
        set_missing_alarms(tx, now=now)
        everything = studies.studies(tx)
    opened = 0
    for study in everything:
        with records.begin() as tx:
            opened += _watch_study(tx, study.id, now=now, elapsed=elapsed)
        with records.begin() as tx:
            tell_news(tx, studies_by_version, study.id, study.code, now=now, elapsed=elapsed)
    return opened


def _watch_study(tx: Tx, study_id: UUID, *, now: Instant, elapsed: Instant) -> int:
    places = there(tx, [site.id for site in sites.sites(tx, study_id)], now=now)
    found = [
        *_nobody_reachable(tx, study_id, places.values(), now=now),
        *_silent_sites(tx, study_id, places.values(), now=now),
        *_blocked(tx, study_id),
        *_unused_invites(tx, study_id, elapsed=elapsed),
        *_unknown_notices(tx, study_id, places.values()),
        *_missing_tick(tx, study_id, elapsed=elapsed),
    ]
    opened = 0
    for new in found:
        opened += open_item(tx, new, now=now, elapsed=elapsed) is not None
    _close_pointless(tx, study_id, {new.key for new in found}, now=now, elapsed=elapsed)
    return opened


def _nobody_reachable(tx: Tx, study_id: UUID, places: Collection[There], *, now: Instant) -> Iterable[NewItem]:
    """Sites where a task found nobody to tell, and those that ring and where nobody is there before one does."""
    waiting = watching.sites_at_step(tx, study_id, NOBODY)
    days = {place.site.id: place.time.today(now) for place in places}
    empty = {
        place.site.id
        for place in places
        if days[place.site.id] >= place.time.rings_from and not place.anybody_here(days[place.site.id])
    }
    # Asked by the last of their days, for that is not one day everywhere; each site then by its own.
    tasks = agenda.open_at(tx, empty, begun_by=max((days[one] for one in empty), default=now.date()))
    waiting |= {task.site_id for task in tasks if task.begun_by(days[task.site_id])}
    for place in places:
        if place.site.id in waiting:
            yield NewItem(
                study_id, ItemKind.NOBODY_REACHABLE, f"nobody_reachable:{place.site.id}", site_id=place.site.id
            )


def _silent_sites(tx: Tx, study_id: UUID, places: Iterable[There], *, now: Instant) -> Iterable[NewItem]:
    """Sites that were rung and have not answered anything for so many of their working days, or for a few while something
    is about to be late. Each silence is told once, however the dates move and whatever the office says of it.
    """
    unanswered = watching.unanswered_since(tx, study_id)
    stands = standing(tx, now=now)
    known = office_items.keys_of_kind(tx, study_id, ItemKind.SITE_SILENT, but=NO_LONGER_SO) if unanswered else {}
    for place in places:
        since = unanswered.get(place.site.id)
        if since is None:
            continue
        first, today = local_day(since, place.time.zone), place.time.today(now)
        key = f"site_silent:{place.site.id}:{first.isoformat()}"
        silent_for = place.time.calendar.working_days(first + DAY, today)
        if key in known:
            is_silent = known[key]
        elif stands.covers_site(study_id, place.site.id, today):
            is_silent = False  # nobody is waited for there; a silence that was told before stays one
        else:
            is_silent = silent_for >= SILENT_AFTER_WD or (
                silent_for >= SILENT_BEFORE_LATE_AFTER_WD and _soon_late(tx, place, today, since=since)
            )
        if is_silent:
            yield NewItem(
                study_id, ItemKind.SITE_SILENT, key, site_id=place.site.id, details={"since": first.isoformat()}
            )


def _soon_late(tx: Tx, place: There, today: date, *, since: Instant) -> bool:
    """Whether something that was rung at this site from then on is late, or will be on its next working day."""
    next_day = place.time.calendar.on_or_after(today + DAY)
    late = [
        task.id
        for task in agenda.firm_at(tx, (place.site.id,), begun_by=next_day)
        if task.rung and task.closes is not None and task.closes < next_day
    ]
    return any(one.notice_state is not None and one.at >= since for one in told.last_told(tx, late).values())


def _blocked(tx: Tx, study_id: UUID) -> Iterable[NewItem]:
    for one in watching.silent_people(tx, study_id):
        yield NewItem(
            study_id, ItemKind.BLOCKED, f"blocked:{one.person_id}", site_id=one.site_id, person_id=one.person_id
        )


def _unused_invites(tx: Tx, study_id: UUID, *, elapsed: Instant) -> Iterable[NewItem]:
    for one in watching.unused_invites(tx, study_id, elapsed=elapsed):
        if elapsed - one.created_at >= INVITE_UNUSED_AFTER:
            yield NewItem(
                study_id,
                ItemKind.INVITE_UNUSED,
                f"invite_unused:{one.id}",
                site_id=one.site_id,
                person_id=one.person_id,
            )


def _unknown_notices(tx: Tx, study_id: UUID, places: Iterable[There]) -> Iterable[NewItem]:
    """Notices of which nobody knows whether they arrived, each told with its person."""
    at = {person_id: place.site.id for place in places for person_id in place.readers}
    for one in watching.troubled_notices(tx, limit=_NOTICES_AT_MOST):
        if one.state == "unknown" and one.person_id in at and one.person_id is not None:
            yield NewItem(
                study_id,
                ItemKind.NOTICE_UNKNOWN,
                f"notice_unknown:{one.id}",
                site_id=at[one.person_id],
                visit_id=one.visit_id,
                person_id=one.person_id,
            )


def _missing_tick(tx: Tx, study_id: UUID, *, elapsed: Instant) -> Iterable[NewItem]:
    sign = pulses(tx).get(TICK)
    if sign is not None and elapsed - sign.at > TICK_MISSING_AFTER:
        yield NewItem(study_id, ItemKind.TICK_MISSING, f"tick_missing:{study_id}:{sign.at.isoformat()}")


# --- what ended by itself ---------------------------------------------------------------------------------------------

_ENDS_BY_ITSELF: Final = frozenset({ItemKind.NOBODY_REACHABLE, ItemKind.SITE_SILENT, ItemKind.BLOCKED})


def _close_pointless(tx: Tx, study_id: UUID, still: set[str], *, now: Instant, elapsed: Instant) -> None:
    """Closes what is so no longer: somebody joined, answered, or is reachable again. Else it would never be told anew."""
    for item in office_items.open_items(tx, study_id):
        if item.kind in _ENDS_BY_ITSELF and item.key not in still:
            close_item(tx, item, NO_LONGER_SO, now=now, elapsed=elapsed)
