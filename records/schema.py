"""The tables. Columns that are not sealed tell about studies and sites; what tells about a person is in `sealed`.

Instants are microseconds since 1970 UTC (`Moment`), dates are local at the site, wall times are minutes since midnight
(`WallTime`). `on trial time` and `on elapsed time` are the two clocks of decision 0005; a column belongs to one of them.
"""

import sqlalchemy as sa

from records import columns, schema_doors, schema_holds, schema_releases
from records.columns import key, moment, refers, row_version, sealed, wall_time

# What query modules take from here beside the tables. The metadata is whole only once these tables are in it.
EPOCH, metadata, word = columns.EPOCH, columns.metadata, columns.word
invite, item_link = schema_doors.invite, schema_doors.item_link
login_link, login_number, session = schema_doors.login_link, schema_doors.login_number, schema_doors.session
hold = schema_holds.hold
consent, patient_version, release = schema_releases.consent, schema_releases.patient_version, schema_releases.release

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
    refers("imported_by", "person", nullable=True),
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
    sa.Column("disclosure", sa.Text, nullable=False),  # `code` or `task-only`
    sa.Column("rings_from", sa.Date, nullable=False),
    wall_time("hours_from"),  # NULL: the usual hours
    wall_time("hours_to"),
    refers("disclosure_by", "person", nullable=True),  # who chose it
    moment("disclosure_at", nullable=True),  # trial
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
    wall_time("hours_from"),  # NULL: the site's
    wall_time("hours_to"),
    wall_time("quiet_from"),
    wall_time("quiet_to"),
    sa.Column("daily_cap", sa.SmallInteger, nullable=True),  # single notices a day; NULL: everybody's
    sa.Column("digest_on", sa.SmallInteger, nullable=True),  # weekday, Monday is 0; NULL: each thing by itself
    # Where somebody of the trial office works; NULL: whoever works at a site, or nobody has said it.
    sa.Column("zone", sa.Text, nullable=True),
    sa.Column("country", sa.Text, nullable=True),
    sa.Column("region", sa.Text, nullable=True),
    moment("next_digest_at", nullable=True),  # trial; the person's one alarm clock
    row_version(),
    sealed(),  # name, chat_id
)
AWAITED_DIGEST = person.c.next_digest_at.is_not(None)
sa.Index("ix_person_digest", person.c.next_digest_at, sqlite_where=AWAITED_DIGEST, postgresql_where=AWAITED_DIGEST)

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
    refers("visit_id", "visit"),
    refers("patient_id", "patient", index=True),
    refers("site_id", "site"),
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
    sa.Index("ix_task_standing", "site_id", "kind", "state"),  # the board counts in it, without touching a task
)
# What is late and what is due, at the sites that are asked for.
OPEN_FIRM_TASK = sa.and_(task.c.state == word("open"), task.c.firm == sa.true())
sa.Index(
    "ix_task_open",
    task.c.site_id,
    task.c.due,
    task.c.closes,
    sqlite_where=OPEN_FIRM_TASK,
    postgresql_where=OPEN_FIRM_TASK,
)
# The tick reads this index alone: it costs what is due, not what exists.
sa.Index(
    "ix_task_attention",
    task.c.next_attention_at,
    task.c.site_id,
    sqlite_where=task.c.next_attention_at.is_not(None),
    postgresql_where=task.c.next_attention_at.is_not(None),
)
# What is late and what is due: the board reads of all open tasks of its sites what is past, or near.
OPEN_FIRM = sa.and_(task.c.state == word("open"), task.c.firm == sa.true())
sa.Index(
    "ix_task_open_closes",
    task.c.site_id,
    task.c.closes,
    task.c.due,
    sqlite_where=OPEN_FIRM,
    postgresql_where=OPEN_FIRM,
)
sa.Index("ix_task_open_opens", task.c.site_id, task.c.opens, sqlite_where=OPEN_FIRM, postgresql_where=OPEN_FIRM)
UPLOAD_TASK = task.c.kind == word("upload")
sa.Index("ix_task_upload", task.c.site_id, task.c.state, sqlite_where=UPLOAD_TASK, postgresql_where=UPLOAD_TASK)

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
    sa.Column("single", sa.Boolean, nullable=False, server_default=sa.true()),  # False: told in the next digest
    sa.Column("why", sa.Text, nullable=True),  # why this person: a closed word
    refers("instead_of", "person", nullable=True),  # for whom they stand in
    sa.UniqueConstraint("task_id", "step", "announced_due", "person_id"),
)
# Queries for what is open use these clauses as they are, so that the planner finds the partial index.
WAITING_REMINDER = reminder.c.state == word("waiting")
SINGLE_REMINDER = reminder.c.single == sa.true()
# The tick reads those that go out by themselves; what waits for a digest never stands in its way.
sa.Index(
    "ix_reminder_waiting",
    reminder.c.single,
    reminder.c.not_before,
    reminder.c.person_id,
    reminder.c.visit_id,
    sqlite_where=WAITING_REMINDER,
    postgresql_where=WAITING_REMINDER,
)
DIGEST_REMINDER = sa.and_(WAITING_REMINDER, reminder.c.single == sa.false())
sa.Index(
    "ix_reminder_digest",
    reminder.c.person_id,
    reminder.c.not_before,
    sqlite_where=DIGEST_REMINDER,
    postgresql_where=DIGEST_REMINDER,
)

notice = sa.Table(
    "notice",  # the outbox
    metadata,
    key(),
    sa.Column("kind", sa.Text, nullable=False),  # NoticeKind
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
    refers("digest_id", "digest", nullable=True),
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

# A person's single notices of a day, for the cap.
CARD_NOTICE = notice.c.kind == word("card")
sa.Index(
    "ix_notice_card", notice.c.person_id, notice.c.created_at, sqlite_where=CARD_NOTICE, postgresql_where=CARD_NOTICE
)

# All that was sent about one visit.
VISIT_NOTICE = notice.c.visit_id.is_not(None)
sa.Index("ix_notice_visit", notice.c.visit_id, sqlite_where=VISIT_NOTICE, postgresql_where=VISIT_NOTICE)

DIGEST_NOTICE = notice.c.digest_id.is_not(None)
sa.Index("ix_notice_digest", notice.c.digest_id, sqlite_where=DIGEST_NOTICE, postgresql_where=DIGEST_NOTICE)

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

digest = sa.Table(
    "digest",  # several visits gone through in one message; what it shows is composed when it is sent
    metadata,
    key(),
    refers("person_id", "person", index=True),
    sa.Column("kind", sa.Text, nullable=False),  # DigestKind
    moment("made_at"),  # trial
    sa.Column("place", sa.SmallInteger, nullable=False, server_default="0"),  # the item that is shown; 0: the overview
    sa.Column("screen", sa.Text, nullable=False, server_default=""),  # which face of that item, as on a card
    refers("of_person", "person", nullable=True),  # whose items they are, for a hand-over
    sa.Column("message_index", sa.LargeBinary, nullable=True, unique=True),  # blind index of chat and message id
    sa.Column("shown", sa.LargeBinary, nullable=True),  # keyed fingerprint of what was last shown
    row_version(),
    sealed(nullable=True),  # message_id, once it was sent
)

digest_item = sa.Table(
    "digest_item",
    metadata,
    key(),
    refers("digest_id", "digest"),
    refers("visit_id", "visit", index=True),
    refers("task_id", "task"),
    sa.Column("position", sa.SmallInteger, nullable=False),  # 1 is the worst
    sa.UniqueConstraint("digest_id", "task_id"),
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
    sa.Index("ix_answer_person", "person_id", "answered_at"),
)
TAKES_BACK = answer.c.undoes.is_not(None)
sa.Index("ix_answer_undoes", answer.c.undoes, sqlite_where=TAKES_BACK, postgresql_where=TAKES_BACK)
# When somebody of a site was heard last; what the trial office itself enters is no word of theirs.
SAID_BY_SOMEBODY = answer.c.person_id.is_not(None)
sa.Index(
    "ix_answer_heard",
    answer.c.patient_id,
    answer.c.answered_at,
    sqlite_where=SAID_BY_SOMEBODY,
    postgresql_where=SAID_BY_SOMEBODY,
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

# --- who is there -----------------------------------------------------------------------------------------------------

absence = sa.Table(
    "absence",
    metadata,
    key(),
    refers("person_id", "person", index=True),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),  # inclusive
    refers("cover_id", "person", nullable=True),
    moment("recorded_at"),  # trial
    sa.Column("ended_on", sa.Date, nullable=True),  # came back earlier: the first day on which they were there again
    moment("handed_over_at", nullable=True),  # trial; the cover was given what is open
)
TO_HAND_OVER = sa.and_(absence.c.cover_id.is_not(None), absence.c.handed_over_at.is_(None))
sa.Index("ix_absence_to_hand_over", absence.c.first, sqlite_where=TO_HAND_OVER, postgresql_where=TO_HAND_OVER)

site_closing = sa.Table(
    "site_closing",
    metadata,
    key(),
    refers("site_id", "site", index=True),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),  # inclusive
    moment("recorded_at"),  # trial
    moment("removed_at", nullable=True),  # trial
)

assignment = sa.Table(
    "assignment",  # who is responsible for one patient, where it is not whoever has the function
    metadata,
    key(),
    refers("patient_id", "patient", index=True),
    sa.Column("function", sa.Text, nullable=False),
    refers("person_id", "person"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=True),  # last day, inclusive
)

# --- what the trial office looks at -----------------------------------------------------------------------------------

office_item = sa.Table(
    "office_item",
    metadata,
    key(),
    refers("study_id", "study"),
    refers("site_id", "site", nullable=True),
    refers("patient_id", "patient", nullable=True),
    refers("visit_id", "visit", nullable=True),
    refers("task_id", "task", nullable=True),
    refers("person_id", "person", nullable=True),
    sa.Column("kind", sa.Text, nullable=False),  # ItemKind
    sa.Column("key", sa.Text, nullable=False),  # what it is about: words and ids, never text of people
    moment("opened_at"),  # trial
    moment("told_at", nullable=True),  # trial
    moment("closed_at", nullable=True),  # trial
    refers("closed_by", "person", nullable=True),
    sa.Column("outcome", sa.Text, nullable=True),  # a closed word
    row_version(),
    sealed(nullable=True),  # details
)
OPEN_ITEM = office_item.c.closed_at.is_(None)
# One open item about one thing, whoever finds it first.
sa.Index("ix_office_item_key", office_item.c.key, unique=True, sqlite_where=OPEN_ITEM, postgresql_where=OPEN_ITEM)
sa.Index("ix_office_item_open", office_item.c.study_id, sqlite_where=OPEN_ITEM, postgresql_where=OPEN_ITEM)

claim_check = sa.Table(
    "claim_check",  # insert-only: what became of a claimed upload
    metadata,
    key(),
    refers("answer_id", "answer", index=True),
    refers("task_id", "task", index=True),
    sa.Column("kind", sa.Text, nullable=False),  # `verified`, `queried`, `unseen`
    refers("person_id", "person", nullable=True),
    moment("at"),  # trial
    sealed(nullable=True),  # words of a query
)

contact_attempt = sa.Table(
    "contact_attempt",  # insert-only: the site tried to reach a patient who may be lost to follow-up
    metadata,
    key(),
    refers("patient_id", "patient", index=True),
    refers("person_id", "person", nullable=True),
    moment("at"),  # trial
    sealed(),  # day
)

outage = sa.Table(
    "outage",
    metadata,
    key(),
    moment("began_at"),  # elapsed
    moment("ended_at"),  # elapsed
    moment("trial_from"),
    moment("trial_until"),
    sa.Column("held", sa.Boolean, nullable=False),  # sending waits until somebody releases it
    moment("released_at", nullable=True),  # trial
    refers("released_by", "person", nullable=True),
)
