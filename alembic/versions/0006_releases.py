"""Versions of a protocol are released per site; what was in use goes on being used."""

import uuid

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_TO_APPLY = "applied_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("study_version") as version:
        version.add_column(sa.Column("imported_by", sa.Uuid(), nullable=True))
        version.create_foreign_key(op.f("fk_study_version_imported_by"), "person", ["imported_by"], ["id"])
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_version_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("dates_sha256", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["study_version_id"], ["study_version.id"], name=op.f("fk_release_study_version_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_release_site_id")),
        sa.ForeignKeyConstraint(["prepared_by"], ["person.id"], name=op.f("fk_release_prepared_by")),
        sa.ForeignKeyConstraint(["released_by"], ["person.id"], name=op.f("fk_release_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("study_version_id", "site_id", name=op.f("uq_release_study_version_id_site_id")),
    )
    op.create_index(op.f("ix_release_site_id"), "release", ["site_id"])
    op.create_index(
        "ix_release_to_apply",
        "release",
        ["active_from"],
        sqlite_where=sa.text(_TO_APPLY),
        postgresql_where=sa.text(_TO_APPLY),
    )
    for name, column, more in (
        ("patient_version", sa.Column("since", sa.Date(), nullable=True), ()),
        ("consent", sa.Column("given_on", sa.Date(), nullable=False), ("recorded_by",)),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("patient_id", sa.Uuid(), nullable=False),
            sa.Column("study_version_id", sa.Uuid(), nullable=False),
            column,
            sa.Column("recorded_at", sa.BigInteger(), nullable=False),
            *(sa.Column(person, sa.Uuid(), nullable=True) for person in more),
            sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f(f"fk_{name}_patient_id")),
            sa.ForeignKeyConstraint(
                ["study_version_id"], ["study_version.id"], name=op.f(f"fk_{name}_study_version_id")
            ),
            *(sa.ForeignKeyConstraint([person], ["person.id"], name=op.f(f"fk_{name}_{person}")) for person in more),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint("patient_id", "study_version_id", name=op.f(f"uq_{name}_patient_id_study_version_id")),
        )
    _carry_over()


def _carry_over() -> None:
    """Until now the newest version planned new patients at every site, and each patient kept theirs.

    The id of a release that nobody made is that of nothing else: a version of a site is released once.
    """
    bind = op.get_bind()
    version, site, patient, release = (
        sa.table(name, *(sa.column(column, kind) for column, kind in columns))
        for name, columns in (
            ("study_version", (("id", sa.Uuid()), ("study_id", sa.Uuid()), ("imported_at", sa.BigInteger()))),
            ("site", (("id", sa.Uuid()), ("study_id", sa.Uuid()), ("rings_from", sa.Date()))),
            ("patient", (("site_id", sa.Uuid()), ("study_version_id", sa.Uuid()))),
            (
                "release",
                (
                    ("id", sa.Uuid()),
                    ("study_version_id", sa.Uuid()),
                    ("site_id", sa.Uuid()),
                    ("active_from", sa.Date()),
                    ("released_at", sa.BigInteger()),
                    ("applied_at", sa.BigInteger()),
                ),
            ),
        )
    )
    sites = bind.execute(sa.select(site.c.id, site.c.study_id, site.c.rings_from)).all()
    versions = bind.execute(
        sa.select(version.c.id, version.c.study_id, version.c.imported_at).order_by(version.c.imported_at, version.c.id)
    ).all()
    newest = {row.study_id: row.id for row in versions}
    used = {tuple(row) for row in bind.execute(sa.select(patient.c.study_version_id, patient.c.site_id).distinct())}
    rows = [
        {
            "id": uuid.uuid5(one.id, one_site.id.hex),
            "study_version_id": one.id,
            "site_id": one_site.id,
            "active_from": one_site.rings_from,
            "released_at": one.imported_at,
            "applied_at": one.imported_at,
        }
        for one_site in sites
        for one in versions
        if one.study_id == one_site.study_id and ((one.id, one_site.id) in used or newest[one_site.study_id] == one.id)
    ]
    if rows:
        bind.execute(sa.insert(release), rows)
