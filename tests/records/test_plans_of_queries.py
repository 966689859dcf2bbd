"""What is asked at every tick, or about one person, reads an index of just that, by the planner's own word.

SQLite's planner decides by the statement alone. PostgreSQL's depends on statistics, so it is measured in the benchmarks.
"""

import pytest
import sqlalchemy as sa

from records import absences, claims, digests, holds, inbox, office_items, outbox, reminders, sessions, teams, told
from tests.databases import Place


def plan_of(place: Place, statement: sa.Select) -> list[str]:
    """How SQLite would go about it. Every parameter is 0, a list is two of them: only the statement matters."""
    bound = [one for one in sa.sql.visitors.iterate(statement) if isinstance(one, sa.BindParameter) and one.required]
    filled = statement.params({one.key: [0, 0] if one.expanding else 0 for one in bound})
    with place.opened() as records, records.read() as tx:
        compiled = filled.compile(dialect=tx.connection.dialect, compile_kwargs={"render_postcompile": True})
        values = (0,) * len(compiled.positiontup)
        return [row[3] for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)]


@pytest.mark.parametrize(
    ("index", "statement"),
    [
        ("ix_notice_open", outbox._CLAIMABLE),
        ("ix_notice_open_person", outbox._CLAIMABLE),
        ("ix_notice_digest", outbox._OPEN_DIGESTS),
        ("ix_notice_card", told._CARDS_SINCE),
        ("ix_inbox_open", inbox._OPEN),
        ("ix_task_attention", reminders._ANY_TASK_DUE),
        ("ix_reminder_waiting", reminders._ANY_REMINDER_DUE),
        ("ix_reminder_waiting", reminders.NEXT_REMINDER),
        ("ix_reminder_waiting", reminders._DUE_REMINDERS),
        ("ix_reminder_digest", reminders._FOR_DIGEST),
        ("ix_person_digest", teams._ANY_DIGEST_DUE),
        ("ix_person_digest", teams.NEXT_DIGEST),
        ("ix_person_digest", teams._DIGESTS_DUE),
        ("ix_membership_site_id", teams._AT_SITES),
        ("ix_absence_person_id", absences._OF_PEOPLE),
        ("ix_absence_to_hand_over", absences._TO_COVER),
        ("ix_office_item_open", office_items._UNTOLD),
        ("ix_office_item_key", office_items._BY_KEY),
        ("ix_claim_check_task_id", claims._OF_TASKS),
        ("ix_digest_item_visit_id", digests._SHOWING),
        ("ix_hold_standing", holds._STANDING),
        ("ix_login_number_number", sessions._BY_NUMBER),
        ("uq_digest_message_index", digests._BY_MESSAGE),
    ],
)
def test_a_query_reads_its_index(sqlcipher_place: Place, index, statement):
    steps = plan_of(sqlcipher_place, statement)

    # What a unique constraint brings has a name of SQLite's own.
    wanted = "sqlite_autoindex_digest" if index.startswith("uq_") else index
    assert any(wanted in step for step in steps), steps


@pytest.mark.parametrize(
    "statement",
    [reminders._ANY_REMINDER_DUE, reminders._DUE_REMINDERS, teams._DIGESTS_DUE, absences._TO_COVER, told._RINGS],
)
def test_a_tick_scans_no_table_of_the_study(sqlcipher_place: Place, statement):
    scans = [step for step in plan_of(sqlcipher_place, statement) if step.startswith("SCAN")]

    assert all("INDEX" in step or step in {"SCAN portion", "SCAN 1 CONSTANT ROW"} for step in scans), scans
