"""Ways in: invitations, one-time links to an item, and signing in to the board. Part of `records/schema.py`."""

import sqlalchemy as sa

from records.columns import key, metadata, moment, refers, row_version, sealed

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

item_link = sa.Table(
    "item_link",  # opens one visit's page once, for one person
    metadata,
    key(),
    refers("person_id", "person", index=True),
    refers("visit_id", "visit"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of a random token
    moment("created_at"),  # elapsed
    moment("expires_at"),  # elapsed
    moment("used_at", nullable=True),  # elapsed
)

# --- signing in to the board --------------------------------------------------------------------------------------------

login_link = sa.Table(
    "login_link",  # signs one person in, once
    metadata,
    key(),
    refers("person_id", "person", index=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of a random token
    moment("created_at"),  # elapsed
    moment("expires_at"),  # elapsed
    moment("used_at", nullable=True),  # elapsed
)

login_number = sa.Table(
    "login_number",  # a browser that asks to be let in, and what became of it
    metadata,
    key(),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of the browser's own secret
    sa.Column("number", sa.Text, nullable=False),  # six digits, good for nothing without a person's approval
    sa.Column("browser", sa.Text, nullable=False),  # its family and system as closed words, or empty; never an address
    moment("created_at"),  # elapsed
    moment("expires_at"),  # elapsed
    refers("person_id", "person", nullable=True, index=True),  # who named it in the chat, and decides
    moment("approved_at", nullable=True),  # elapsed
    moment("refused_at", nullable=True),  # elapsed
    moment("used_at", nullable=True),  # elapsed
    sa.Index("ix_login_number_number", "number", "expires_at"),
)

session = sa.Table(
    "session",  # a browser that is signed in
    metadata,
    key(),
    refers("person_id", "person", index=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of the cookie's secret
    sa.Column("began", sa.Text, nullable=False),  # Began: how
    moment("created_at"),  # elapsed
    moment("seen_at"),  # elapsed; written at most once a minute
    moment("ends_at"),  # elapsed; whatever happens
    moment("ended_at", nullable=True),  # elapsed; signed out, or access ended
)
