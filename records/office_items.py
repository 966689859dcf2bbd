"""Items: what the trial office has to look at, one open item about one thing.

Which thing is the item's `key`, of words and ids: `site_silent:<site>`, `help:<answer>`. The details are sealed under
the study's key. What an audit entry says of an item in `after.details` is compared with them by `audit verify`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk, ForMany
from records.schema import OPEN_ITEM, office_item, word
from records.sealing import Json
from records.transaction import Tx
from trial.messages import ItemKind
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class NewItem:
    """`key` says which thing it is about, and never anything of people; `details` are sealed."""

    study_id: UUID
    kind: ItemKind
    key: str
    site_id: UUID | None = None
    patient_id: UUID | None = None
    visit_id: UUID | None = None
    task_id: UUID | None = None
    person_id: UUID | None = None
    details: Mapping[str, Json] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item, opened. `closed_by` None with a `closed_at`: it became pointless by itself."""

    id: UUID
    study_id: UUID
    kind: ItemKind
    key: str
    site_id: UUID | None
    patient_id: UUID | None
    visit_id: UUID | None
    task_id: UUID | None
    person_id: UUID | None
    opened_at: Instant
    told_at: Instant | None
    closed_at: Instant | None
    closed_by: UUID | None
    outcome: str | None
    version: int
    details: Mapping[str, Json] = field(repr=False)


_ITEMS: Final = sa.select(office_item).order_by(office_item.c.opened_at, office_item.c.id)
_ITEM: Final = _ITEMS.where(office_item.c.id == sa.bindparam("item"))
_BY_KEY: Final = _ITEMS.where(OPEN_ITEM, office_item.c.key == sa.bindparam("of_key"))
_OPEN: Final = _ITEMS.where(OPEN_ITEM, office_item.c.study_id == sa.bindparam("study"))
_UNTOLD: Final = _OPEN.where(office_item.c.told_at.is_(None))
_ASKING_FOR_HELP: Final = ForMany(
    lambda among: sa.select(office_item.c.visit_id, office_item.c.task_id).where(
        OPEN_ITEM, office_item.c.kind == word(ItemKind.HELP), among(office_item.c.visit_id, "visits")
    )
)
_HELPED: Final = ForMany(
    lambda among: sa.select(office_item.c.visit_id, office_item.c.closed_at).where(
        office_item.c.kind == word(ItemKind.HELP),
        office_item.c.closed_at.is_not(None),
        among(office_item.c.visit_id, "visits"),
    )
)
_OF_KIND: Final = sa.select(office_item.c.key, office_item.c.closed_at).where(
    office_item.c.study_id == sa.bindparam("study"),
    office_item.c.kind == sa.bindparam("of_kind"),
    sa.or_(OPEN_ITEM, office_item.c.outcome != sa.bindparam("but")),
)
_EVER: Final = ForMany(
    lambda among: sa.select(office_item.c.task_id, office_item.c.key).where(among(office_item.c.task_id, "tasks"))
)
_ADD: Final = Bulk.inserting(
    office_item,
    "id",
    "study_id",
    "site_id",
    "patient_id",
    "visit_id",
    "task_id",
    "person_id",
    "kind",
    "key",
    "opened_at",
    "version",
    "sealed",
    # Whoever finds the same thing at the same moment waits for the first, and then finds it open.
    on_conflict=lambda insert: insert.on_conflict_do_nothing(),
)
_TELL: Final = (
    sa.update(office_item)
    .where(office_item.c.id.in_(sa.bindparam("items", expanding=True)), office_item.c.told_at.is_(None))
    .values(told_at=sa.bindparam("at"))
)
_CLOSE: Final = (
    sa.update(office_item)
    .where(office_item.c.id == sa.bindparam("item"), OPEN_ITEM)
    .values(closed_at=sa.bindparam("at"), closed_by=sa.bindparam("by"), outcome=sa.bindparam("came_of_it"))
)
_CHANGE: Final = (
    sa.update(office_item)
    .where(office_item.c.id == sa.bindparam("item"), OPEN_ITEM, office_item.c.version == sa.bindparam("was"))
    .values(version=sa.bindparam("new_version"), sealed=sa.bindparam("new_sealed"))
)


def _item(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> ItemRow:
    details = None
    if row.sealed is not None:
        details = tx.unseal(office_item, row.id, row.sealed, version=row.version)["details"]
    return ItemRow(
        id=row.id,
        study_id=row.study_id,
        kind=ItemKind(row.kind),
        key=row.key,
        site_id=row.site_id,
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        task_id=row.task_id,
        person_id=row.person_id,
        opened_at=row.opened_at,
        told_at=row.told_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        outcome=row.outcome,
        version=row.version,
        details=details if isinstance(details, Mapping) else {},
    )


def open_item(tx: Tx, new: NewItem, *, opened_at: Instant) -> UUID | None:
    """Opens an item; None when one about the same thing is open already, and then nothing changes."""
    item_id = tx.new_id()
    opened = _ADD.write(
        tx.connection,
        [
            {
                "id": item_id,
                "study_id": new.study_id,
                "site_id": new.site_id,
                "patient_id": new.patient_id,
                "visit_id": new.visit_id,
                "task_id": new.task_id,
                "person_id": new.person_id,
                "kind": new.kind.value,
                "key": new.key,
                "opened_at": opened_at,
                "version": 1,
                "sealed": _sealed(tx, item_id, new.details, study_id=new.study_id, version=1),
            }
        ],
    )
    return item_id if opened else None


def _sealed(tx: Tx, item_id: UUID, details: Mapping[str, Json] | None, *, study_id: UUID, version: int) -> bytes | None:
    if details is None:
        return None
    return tx.seal(office_item, item_id, {"details": details}, version=version, study=study_id)


def asking_for_help(tx: Tx, visit_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """Those of these visits with an open item for help, each with the tasks that somebody asked with: the ladders of all
    their tasks wait until the office has looked at it.
    """
    found: dict[UUID, frozenset[UUID]] = {}
    if visit_ids:
        for row in _ASKING_FOR_HELP.rows(tx.connection, {"visits": sorted(set(visit_ids))}):
            found[row.visit_id] = found.get(row.visit_id, frozenset()) | {row.task_id}
    return found


def keys_about(tx: Tx, task_ids: Collection[UUID]) -> frozenset[str]:
    """The keys of all items about these tasks, open or closed. Reads all items: for a daily check, not for a tick."""
    if not task_ids:
        return frozenset()
    return frozenset(row.key for row in _EVER.rows(tx.connection, {"tasks": list(task_ids)}))


def keys_of_kind(tx: Tx, study_id: UUID, kind: ItemKind, *, but: str) -> Mapping[str, bool]:
    """The keys of all items of a kind, and whether each is open; without those that were closed with the outcome `but`.
    Reads all items: for an hourly look, not for a tick.
    """
    rows = tx.connection.execute(_OF_KIND, {"study": study_id, "of_kind": kind.value, "but": but}).all()
    opened = {row.key for row in rows if row.closed_at is None}
    return {row.key: row.key in opened for row in rows}


def helped_at(tx: Tx, visit_ids: Collection[UUID]) -> frozenset[tuple[UUID, Instant]]:
    """When nobody waited for help with these visits any more: pairs of visit and moment. Reads all items."""
    if not visit_ids:
        return frozenset()
    rows = _HELPED.rows(tx.connection, {"visits": sorted(set(visit_ids))})
    return frozenset((row.visit_id, row.closed_at) for row in rows)


def item_by_id(tx: Tx, item_id: UUID) -> ItemRow | None:
    row = tx.connection.execute(_ITEM, {"item": item_id}).one_or_none()
    return None if row is None else _item(tx, row)


def open_item_about(tx: Tx, key: str) -> ItemRow | None:
    """The open item about this thing."""
    row = tx.connection.execute(_BY_KEY, {"of_key": key}).one_or_none()
    return None if row is None else _item(tx, row)


def open_items(tx: Tx, study_id: UUID) -> tuple[ItemRow, ...]:
    """What a study's office has not looked at yet, the longest open first."""
    return tuple(_item(tx, row) for row in tx.connection.execute(_OPEN, {"study": study_id}))


def untold_items(tx: Tx, study_id: UUID) -> tuple[ItemRow, ...]:
    """Open items that no manager was told of yet, the longest open first."""
    return tuple(_item(tx, row) for row in tx.connection.execute(_UNTOLD, {"study": study_id}))


def mark_told(tx: Tx, item_ids: Collection[UUID], *, at: Instant) -> int:
    """The managers were told of these; how many were news."""
    if not item_ids:
        return 0
    return tx.connection.execute(_TELL, {"items": sorted(item_ids), "at": at}).rowcount


def close_item(tx: Tx, item_id: UUID, *, by: UUID | None, at: Instant, outcome: str) -> bool:
    """Somebody looked at it, or (`by` None) it became pointless. `outcome` is a closed word. False: it was closed."""
    values = {"item": item_id, "by": by, "at": at, "came_of_it": outcome}
    return tx.connection.execute(_CLOSE, values).rowcount == 1


def change_details(tx: Tx, item: ItemRow, details: Mapping[str, Json]) -> bool:
    """Other details for an open item; False when the row changed meanwhile."""
    version = item.version + 1
    values = {
        "item": item.id,
        "was": item.version,
        "new_version": version,
        "new_sealed": _sealed(tx, item.id, details, study_id=item.study_id, version=version),
    }
    return tx.connection.execute(_CHANGE, values).rowcount == 1
