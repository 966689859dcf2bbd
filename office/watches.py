"""The alarm of a claimed upload, as an earlier claim wants it: the last one was taken back, or help has come."""

from collections.abc import Sequence
from uuid import UUID

from office.standings import claim_of
from records import claims
from records.answers import AnswerRow
from records.claims import QUERIED, UNSEEN
from records.transaction import Tx
from scheduler.alarms import next_morning
from scheduler.definitions import zone_rules_version
from scheduler.planning import Chart
from trial.claims import ClaimCheck, ClaimState, next_look
from trial.hours import FIRST_RING
from trial.moments import Instant, at_local


def watch_again(tx: Tx, chart: Chart, task_id: UUID, standing: Sequence[AnswerRow], *, now: Instant) -> None:
    """A query is asked on the next working morning; what nobody has seen comes back when it would have."""
    checks = claims.checks_of_tasks(tx, (task_id,)).get(task_id, ())
    claim = claim_of(standing, checks)
    if claim is None:
        return
    if claim.state is ClaimState.QUERIED:
        claims.watch_claim(tx, task_id, step=QUERIED, at=next_morning(chart.time, now), tzdata=zone_rules_version())
        return
    look = next_look(
        chart.time.today(claim.answer.answered_at),
        [ClaimCheck(one.kind, chart.time.today(one.at)) for one in checks if one.answer_id == claim.answer.id],
        unseen_after=chart.study.claims_unseen_after,
        calendar=chart.time.calendar,
    )
    if look is None:
        claims.stop_watching(tx, task_id, tzdata=zone_rules_version())
    else:
        at = at_local(look.day, FIRST_RING, chart.time.zone)
        claims.watch_claim(tx, task_id, step=UNSEEN, at=at, tzdata=zone_rules_version())
