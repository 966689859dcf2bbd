"""Holds in the records: what stands, what ended, and reasons that only this place can open."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from records import audit, holds, schema
from records.database import Records
from records.errors import TamperedRecord
from records.holds import HoldRow
from records.transaction import Tx
from tests.records.cast import NOW, Cast
from trial.holds import Hold, HoldScope
from trial.moments import instant
from trial.tasks import TaskKind

UNTIL = date(2026, 5, 8)
REASON = "The scanner is being replaced"


def placed(tx: Tx, cast: Cast, *, until: date = UNTIL, kind: TaskKind | None = None) -> HoldRow:
    scope = HoldScope.STUDY if kind is None else HoldScope.TASKS
    hold_id = holds.add_hold(tx, Hold(cast.study, scope, until, kind=kind), reason=REASON, by=cast.amina, at=NOW)
    tx.audit(
        "hold.placed",
        table=schema.hold,
        object_id=hold_id,
        by=cast.amina,
        at=NOW,
        recorded_at=NOW,
        after={"reason": REASON},
    )
    found = holds.hold_by_id(tx, hold_id)
    assert found is not None
    return found


def test_what_was_placed_is_read_back(records: Records, cast: Cast):
    what = Hold(cast.study, HoldScope.PATIENT, UNTIL, site_id=cast.site, patient_id=cast.patient)
    with records.begin() as tx:
        hold_id = holds.add_hold(tx, what, reason=REASON, by=None, at=NOW)
        tx.audit("hold.placed", table=schema.hold, object_id=hold_id, by=None, at=NOW, recorded_at=NOW)

    with records.read() as tx:
        (row,) = holds.holds_of_patient(tx, cast.patient)
        assert holds.holds_of_study(tx, cast.study) == (row,)
    assert (row.id, row.what, row.reason, row.placed_by, row.lifted_at) == (hold_id, what, REASON, None, None)
    assert REASON not in repr(row)


def test_a_hold_stands_through_its_last_day_and_until_it_is_lifted(records: Records, cast: Cast):
    with records.begin() as tx:
        first, second = placed(tx, cast), placed(tx, cast, kind=TaskKind.UPLOAD)
        assert holds.lift(tx, second, because="Done", by=cast.berta, at=NOW)

    with records.read() as tx:
        assert holds.standing(tx, today=UNTIL) == (first.what,)
        assert holds.standing(tx, today=UNTIL + timedelta(days=1)) == ()
        ended = holds.ended_since(tx, [cast.study], since=NOW, day=UNTIL)
        assert set(ended) == {(first.what, None), (second.what, NOW)}
        later = instant(NOW + timedelta(seconds=1))
        assert holds.ended_since(tx, [cast.study], since=later, day=UNTIL + timedelta(days=1)) == ()


def test_a_hold_is_lifted_once_and_keeps_both_reasons(records: Records, cast: Cast):
    with records.begin() as tx:
        row = placed(tx, cast)
        assert holds.lift(tx, row, because="It works again", by=cast.berta, at=NOW)
        assert not holds.lift(tx, row, because="Once more", by=None, at=NOW)

    with records.read() as tx:
        now = holds.hold_by_id(tx, row.id)
        assert now is not None
        assert (now.reason, now.lifted_because, now.lifted_by) == (REASON, "It works again", cast.berta)
        assert audit.verify(tx).holds


def test_a_reason_that_is_put_back_does_not_open(records: Records, cast: Cast):
    with records.begin() as tx:
        row = placed(tx, cast)
        before = tx.connection.scalar(sa.select(schema.hold.c.sealed))
        holds.lift(tx, row, because="It works again", by=None, at=NOW)
        tx.connection.execute(schema.hold.update().values(sealed=before))

    with records.read() as tx, pytest.raises(TamperedRecord):
        holds.hold_by_id(tx, row.id)


def test_a_reason_changed_behind_the_log_is_found(records: Records, cast: Cast):
    with records.begin() as tx:
        row = placed(tx, cast)
        tx.connection.execute(
            schema.hold.update().values(sealed=tx.seal(schema.hold, row.id, {"reason": "Another"}, study=cast.study))
        )

    with records.read() as tx:
        assert not audit.verify(tx).holds
