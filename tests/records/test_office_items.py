"""What the trial office looks at: one open item about one thing, told once, closed once."""

import threading
from datetime import timedelta

import pytest

from records import audit as log
from records import office_items, schema
from records.errors import TamperedRecord
from records.office_items import NewItem
from tests.records.cast import NOW, note
from trial.messages import ItemKind

HOUR = timedelta(hours=1)


@pytest.fixture
def silent(records, cast):
    """A site that has fallen silent."""
    with records.begin() as tx:
        note(tx, cast)
    return NewItem(
        study_id=cast.study,
        kind=ItemKind.SITE_SILENT,
        key=f"site_silent:{cast.site}",
        site_id=cast.site,
        details={"days": 9, "since": "2026-03-02"},
    )


def test_an_item_is_opened_once_about_one_thing(records, silent):
    with records.begin() as tx:
        first = office_items.open_item(tx, silent, opened_at=NOW)
        second = office_items.open_item(tx, silent, opened_at=NOW + HOUR)
        (found,) = office_items.open_items(tx, silent.study_id)

    assert second is None
    assert (found.id, found.kind, found.opened_at) == (first, ItemKind.SITE_SILENT, NOW)
    assert (found.site_id, found.details) == (silent.site_id, {"days": 9, "since": "2026-03-02"})


def test_an_item_is_opened_again_once_it_was_closed(records, cast, silent):
    with records.begin() as tx:
        first = office_items.open_item(tx, silent, opened_at=NOW)
        closed = [office_items.close_item(tx, first, by=cast.berta, at=NOW, outcome="looked_at") for _ in range(2)]
        second = office_items.open_item(tx, silent, opened_at=NOW + HOUR)
        old = office_items.item_by_id(tx, first)

        assert closed == [True, False]
        assert second not in {None, first}
        assert (old.closed_by, old.closed_at, old.outcome) == (cast.berta, NOW, "looked_at")
        assert office_items.open_item_about(tx, silent.key).id == second
        assert len(office_items.open_items(tx, cast.study)) == 1


def test_two_who_find_the_same_at_once_open_one_item(records, silent):
    opened, together = [], threading.Barrier(2)

    def find() -> None:
        together.wait()
        with records.begin() as tx:
            opened.append(office_items.open_item(tx, silent, opened_at=NOW))

    finders = [threading.Thread(target=find) for _ in range(2)]
    for one in finders:
        one.start()
    for one in finders:
        one.join()

    assert sorted(item is None for item in opened) == [False, True]


def test_the_managers_are_told_of_an_item_once(records, silent):
    with records.begin() as tx:
        item = office_items.open_item(tx, silent, opened_at=NOW)
        (untold,) = office_items.untold_items(tx, silent.study_id)
        told = [office_items.mark_told(tx, [item], at=NOW + HOUR) for _ in range(2)]

        assert untold.id == item
        assert told == [1, 0]
        assert office_items.untold_items(tx, silent.study_id) == ()
        assert office_items.item_by_id(tx, item).told_at == NOW + HOUR
        assert office_items.mark_told(tx, [], at=NOW) == 0


def test_an_item_may_have_no_details_and_get_them_later(records, cast):
    plain = NewItem(study_id=cast.study, kind=ItemKind.OUTAGE, key="outage:1")
    with records.begin() as tx:
        note(tx, cast)
        item = office_items.item_by_id(tx, office_items.open_item(tx, plain, opened_at=NOW))
        changed = office_items.change_details(tx, item, {"hours": 30})
        outdated = office_items.change_details(tx, item, {"hours": 31})
        found = office_items.item_by_id(tx, item.id)

    assert item.details == {}
    assert (changed, outdated) == (True, False)
    assert (found.version, found.details) == (2, {"hours": 30})


def test_details_are_sealed_and_those_of_before_do_not_open(records, cast, silent):
    with records.begin() as tx:
        item = office_items.item_by_id(tx, office_items.open_item(tx, silent, opened_at=NOW))
        old = tx.connection.scalar(schema.office_item.select().with_only_columns(schema.office_item.c.sealed))
        office_items.change_details(tx, item, {"days": 10})
        tx.connection.execute(schema.office_item.update().values(sealed=old))

        assert b"2026-03-02" not in old
        with pytest.raises(TamperedRecord):
            office_items.item_by_id(tx, item.id)


def test_an_item_changed_without_the_log_is_found(records, silent):
    with records.begin() as tx:
        item = office_items.item_by_id(tx, office_items.open_item(tx, silent, opened_at=NOW))
        tx.audit(
            "item.opened",
            table=schema.office_item,
            object_id=item.id,
            by=None,
            at=NOW,
            recorded_at=NOW,
            after={"details": item.details},
        )
    with records.begin() as tx:
        holds = log.verify(tx).holds
        office_items.change_details(tx, item, {"days": 1})

    assert holds
    with records.read() as tx:
        assert not log.verify(tx).holds
