"""The tables. Columns that are not sealed tell about studies and sites; what tells about a person is in `sealed`.

Instants are microseconds since 1970 UTC (`Moment`), dates are local at the site. `on trial time` and `on elapsed time`
are the two clocks of decision 0005; a column belongs to one of them.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds; a naive value is refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002 - the library's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the library's signature
        return None if value is None else EPOCH + timedelta(microseconds=value)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)


def key(column: str = "id") -> sa.Column[UUID]:
    """A client-made UUID: sealed values are bound to it before the row is there."""
    return sa.Column(column, sa.Uuid, primary_key=True)


def refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def sealed(*, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column("sealed", sa.LargeBinary, nullable=nullable)


def row_version() -> sa.Column[int]:
    """Counts up with each change of `sealed`: an old value put back does not open."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def word(value: str) -> sa.ColumnElement[str]:
    """A closed word as a literal in the SQL: only so does SQLite see that a partial index fits. Never for input."""
    if not value.isidentifier():
        raise ValueError("a closed word is one identifier")
    return sa.literal_column(f"'{value}'", sa.Text)


def moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=nullable)


# --- the deployment ---------------------------------------------------------------------------------------------------

deployment = sa.Table(
    "deployment",
    metadata,
    key(),
    sa.Column("demo", sa.Boolean, nullable=False),
    sa.Column(
        "clock_offset_s", sa.BigInteger, nullable=False, server_default="0"
    ),  # demo only: trial time - elapsed time
    moment("created_at"),  # elapsed
)

data_key = sa.Table(
    "data_key",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("purpose", sa.Text, nullable=False),  # `deployment`, `index`, `study:<uuid>`
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("retired_at", nullable=True),
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False),  # fencing: only ever counts up
    moment("expires_at"),  # elapsed
)

pulse = sa.Table(
    "pulse",  # signs of life: last tick, last successful getUpdates, last send
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    moment("at"),  # elapsed
    sa.Column("detail", sa.Text, nullable=True),  # a closed word, never text of people
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    moment("at"),  # trial time
    moment("recorded_at"),  # elapsed time
    sa.Column("actor", sa.Text, nullable=False),  # person id or `system`
    sa.Column("action", sa.Text, nullable=False),  # `answer.recorded`
    sa.Column("object_type", sa.Text, nullable=False),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("commitment", sa.LargeBinary, nullable=False),  # SHA-256(salt | plaintext of before, after, reason)
    sa.Column("previous", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sealed(nullable=True),  # salt, before, after, reason; NULL after a logged redaction
    sa.Index("ix_audit_object", "object_type", "object_id"),
)

audit_head = sa.Table(
    "audit_head",  # one row, locked last before commit
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

# --- studies, sites, people -------------------------------------------------------------------------------------------

study = sa.Table(
    "study",
    metadata,
    key(),
    sa.Column("code", sa.Text, nullable=False, unique=True),
)

study_version = sa.Table(
    "study_version",
    metadata,
    key(),
    refers("study_id", "study"),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),  # the YAML file as it was read
    sa.Column("sha256", sa.Text, nullable=False),
    moment("imported_at"),
    sa.UniqueConstraint("study_id", "version"),
)

site = sa.Table(
    "site",
    metadata,
    key(),
    refers("study_id", "study"),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),  # ISO 3166-1 alpha-2
    sa.Column("region", sa.Text, nullable=True),  # ISO 3166-2 subdivision, for public holidays
    sa.Column("zone", sa.Text, nullable=False),  # IANA
    sa.Column("disclosure", sa.Text, nullable=False),  # `code`; `task-only` comes with its page
    sa.Column("rings_from", sa.Date, nullable=False),
    sa.UniqueConstraint("study_id", "number"),
)

person = sa.Table(
    "person",
    metadata,
    key(),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column(
        "chat_index", sa.LargeBinary, nullable=True, unique=True
    ),  # blind index of the Telegram user id; NULL until enrolled and after revoke
    sa.Column("reachable", sa.Boolean, nullable=False, server_default=sa.true()),
    moment("enrolled_at", nullable=True),
    moment("revoked_at", nullable=True),
    row_version(),
    sealed(),  # name, chat_id
)

membership = sa.Table(
    "membership",
    metadata,
    key(),
    refers("person_id", "person", index=True),
    refers("study_id", "study"),
    refers("site_id", "site", nullable=True, index=True),  # NULL: the trial office, all sites
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("functions", sa.Text, nullable=False),  # space-separated site functions
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=True),  # last day, inclusive
)

invite = sa.Table(
    "invite",
    metadata,
    key(),
    refers("person_id", "person", index=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of a 192-bit token
    sa.Column(
        "claimed_index", sa.LargeBinary, nullable=True, unique=True
    ),  # blind index of the chat that pressed Start
    moment("created_at"),  # elapsed
    moment("expires_at"),  # elapsed
    moment("claimed_at", nullable=True),  # elapsed
    moment("closed_at", nullable=True),  # elapsed; used, refused or withdrawn
    sa.Column("outcome", sa.Text, nullable=True),  # `enrolled`, `refused`, `replaced`
    sealed(),  # claimed chat_id, once claimed (version = claimed ? 2 : 1)
    row_version(),
)

# --- patients and their plan ------------------------------------------------------------------------------------------

patient = sa.Table(
    "patient",
    metadata,
    key(),
    refers("study_id", "study"),
    refers("site_id", "site", index=True),
    refers("study_version_id", "study_version"),
    sa.Column("code_index", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # `followed`, `paused` (no longer followed, to confirm), `ended`
    moment("added_at"),  # trial
    row_version(),
    sealed(),  # code
    sa.UniqueConstraint("study_id", "code_index"),
)

patient_event = sa.Table(
    "patient_event",  # insert-only but for `superseded_at`
    metadata,
    key(),
    refers("patient_id", "patient", index=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),  # `planned`, `happened`
    moment("recorded_at"),  # trial
    refers("answer_id", "answer", nullable=True),
    moment("superseded_at", nullable=True),  # trial
    sealed(),  # date
)

patient_fact = sa.Table(
    "patient_fact",  # insert-only but for `superseded_at`
    metadata,
    key(),
    refers("patient_id", "patient", index=True),
    sa.Column("fact", sa.Text, nullable=False),
    moment("recorded_at"),  # trial
    refers("answer_id", "answer", nullable=True),
    moment("superseded_at", nullable=True),  # trial
    sealed(),  # value
)

visit = sa.Table(
    "visit",
    metadata,
    key(),
    refers("patient_id", "patient"),
    refers("site_id", "site"),
    sa.Column("occurrence", sa.Text, nullable=False),
    sa.Column(
        "definition", sa.Text, nullable=False
    ),  # id in the study file; `event:<name>` or `fact:<name>` for what is asked for by itself
    sa.Column("status", sa.Text, nullable=False),  # VisitStatus, or `cancelled`
    sa.Column("target", sa.Date, nullable=True),
    sa.Column("earliest", sa.Date, nullable=True),
    sa.Column("latest", sa.Date, nullable=True),
    sa.Column("study_version", sa.Text, nullable=False),
    sa.UniqueConstraint("patient_id", "occurrence"),
)

task = sa.Table(
    "task",
    metadata,
    key(),
    refers("visit_id", "visit", index=True),
    refers("patient_id", "patient", index=True),
    refers("site_id", "site", index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("function", sa.Text, nullable=False),
    sa.Column("ladder", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cancelled_because", sa.Text, nullable=True),  # a closed word
    sa.Column("firm", sa.Boolean, nullable=False),
    sa.Column("opens", sa.Date, nullable=True),
    sa.Column("due", sa.Date, nullable=True),
    sa.Column("closes", sa.Date, nullable=True),
    sa.Column("next_step", sa.Text, nullable=True),
    moment("next_attention_at", nullable=True),  # trial; the task's one alarm clock
    sa.Column("tzdata", sa.Text, nullable=False),  # version of the zone rules that next_attention_at was computed with
    sa.UniqueConstraint("visit_id", "name"),
)
# The tick reads this index alone: it costs what is due, not what exists.
sa.Index(
    "ix_task_attention",
    task.c.next_attention_at,
    task.c.site_id,
    sqlite_where=task.c.next_attention_at.is_not(None),
    postgresql_where=task.c.next_attention_at.is_not(None),
)

# --- ringing ----------------------------------------------------------------------------------------------------------

reminder = sa.Table(
    "reminder",
    metadata,
    key(),
    refers("task_id", "task"),
    refers("visit_id", "visit"),
    refers("person_id", "person"),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("announced_due", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # `waiting`, `grouped`, `void`
    sa.Column("void_because", sa.Text, nullable=True),  # a closed word
    moment("created_at"),  # trial
    moment("not_before"),  # trial
    refers("notice_id", "notice", nullable=True, index=True),
    sa.UniqueConstraint("task_id", "step", "announced_due", "person_id"),
)
# Queries for what is open use these clauses as they are, so that the planner finds the partial index.
WAITING_REMINDER = reminder.c.state == word("waiting")
sa.Index(
    "ix_reminder_waiting",
    reminder.c.not_before,
    reminder.c.person_id,
    reminder.c.visit_id,
    sqlite_where=WAITING_REMINDER,
    postgresql_where=WAITING_REMINDER,
)

notice = sa.Table(
    "notice",  # the outbox
    metadata,
    key(),
    sa.Column("kind", sa.Text, nullable=False),  # NoticeKind: `card`, `edit`, `message`, `deletion`
    refers(
        "person_id", "person", nullable=True, index=True
    ),  # NULL: a refusal to a stranger, whose chat is in `sealed`
    refers("visit_id", "visit", nullable=True),
    sa.Column("state", sa.Text, nullable=False),  # NoticeState
    sa.Column("void_because", sa.Text, nullable=True),  # a closed word
    moment("created_at"),  # trial
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),  # order within the transaction that put it
    moment("hold_until"),  # elapsed: back-off, flood waits, "refresh in ten minutes"
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),  # fencing together with `claim`
    sa.Column("claim", sa.BigInteger, nullable=True),  # token of the lease that it was claimed under
    sa.Column("ambiguous", sa.Integer, nullable=False, server_default="0"),
    moment("settled_at", nullable=True),  # trial
    sa.Column("chat_index", sa.LargeBinary, nullable=True),  # blind, for refusals to strangers: one a day
    sealed(nullable=True),  # Message for `message`; chat and message id for `deletion`; chat for strangers
)
OPEN_NOTICE = notice.c.state.in_((word("waiting"), word("claimed"), word("sending")))
sa.Index("ix_notice_open", notice.c.hold_until, sqlite_where=OPEN_NOTICE, postgresql_where=OPEN_NOTICE)
# One person's open notices, however long that person's history is.
sa.Index("ix_notice_open_person", notice.c.person_id, sqlite_where=OPEN_NOTICE, postgresql_where=OPEN_NOTICE)
# What stands on the board until somebody looked at it.
TROUBLED_NOTICE = notice.c.state.in_((word("unknown"), word("failed")))
sa.Index("ix_notice_troubled", notice.c.state, sqlite_where=TROUBLED_NOTICE, postgresql_where=TROUBLED_NOTICE)
REFUSED_CHAT = notice.c.chat_index.is_not(None)
sa.Index("ix_notice_chat", notice.c.chat_index, sqlite_where=REFUSED_CHAT, postgresql_where=REFUSED_CHAT)

delivery = sa.Table(
    "delivery",
    metadata,
    key(),
    refers("notice_id", "notice", index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    moment("started_at"),  # elapsed
    moment("finished_at"),  # elapsed
    sa.Column("outcome", sa.Text, nullable=False),  # Outcome
    sa.Column("error", sa.Text, nullable=True),  # a closed word
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("catalogue", sa.Text, nullable=False),
    sealed(),  # exact text, buttons, message id
)

card = sa.Table(
    "card",
    metadata,
    key(),
    refers("visit_id", "visit"),
    refers("person_id", "person", index=True),
    sa.Column(
        "screen", sa.Text, nullable=False, server_default=""
    ),  # which face it shows, e.g. the date choice; no text of people
    sa.Column("shown", sa.LargeBinary, nullable=True),  # keyed fingerprint of what was last shown
    sa.UniqueConstraint("visit_id", "person_id"),
)

card_message = sa.Table(
    "card_message",
    metadata,
    key(),
    refers("card_id", "card", index=True),
    sa.Column("message_index", sa.LargeBinary, nullable=False, unique=True),  # blind index of chat and message id
    sa.Column("standing", sa.Boolean, nullable=False),  # the card itself; False: an earlier place of it, or a nudge
    sa.Column("buttons", sa.Boolean, nullable=False),  # it still shows buttons
    moment("sent_at"),  # trial
    sealed(),  # message_id
)

# --- what people say --------------------------------------------------------------------------------------------------

answer = sa.Table(
    "answer",  # insert-only
    metadata,
    key(),
    refers("patient_id", "patient", index=True),
    refers("visit_id", "visit", index=True),
    refers("task_id", "task", nullable=True, index=True),
    refers("person_id", "person", nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    moment("answered_at"),  # trial
    moment("received_at"),  # elapsed
    refers("undoes", "answer", nullable=True),
    sealed(),  # date, reason, text, until, fact value, leaving kind
)

question = sa.Table(
    "question",  # what the bot waits for in words from this person, e.g. another reason
    metadata,
    sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
    refers("task_id", "task"),
    sa.Column("kind", sa.Text, nullable=False),  # AnswerKind that the words complete
    moment("expires_at"),  # elapsed
)

inbox = sa.Table(
    "inbox",
    metadata,
    key(),
    sa.Column(
        "fingerprint", sa.LargeBinary, nullable=False, unique=True
    ),  # blind: callback id, or (chat, message[, edit date])
    sa.Column("update_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # `open`, `done`, `failed`, `tombstone`
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text, nullable=True),  # class of the last failure, never its text
    moment("received_at"),  # elapsed
    moment("hold_until"),  # elapsed
    moment("done_at", nullable=True),  # elapsed
    sealed(nullable=True),  # the admitted projection, or a tombstone's ids; erased some days after it was handled
)
OPEN_UPDATE = inbox.c.state == word("open")
sa.Index("ix_inbox_open", inbox.c.hold_until, inbox.c.update_id, sqlite_where=OPEN_UPDATE, postgresql_where=OPEN_UPDATE)
FAILED_UPDATE = inbox.c.state == word("failed")
sa.Index("ix_inbox_failed", inbox.c.received_at, sqlite_where=FAILED_UPDATE, postgresql_where=FAILED_UPDATE)
