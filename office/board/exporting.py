"""Lists that leave the house as files: of the sites where somebody may take them, and never without a trace."""

from collections.abc import Mapping
from dataclasses import replace

from office.board.viewer import Viewer
from records import schema
from records.transaction import Tx
from trial.access import Action
from trial.moments import Instant


def exporter(viewer: Viewer) -> Viewer | None:
    """The viewer with the sites alone whose lists they may take with them; None: there is no such site."""
    theirs = tuple(site for site in viewer.sites if viewer.may(Action.EXPORT, site))
    return replace(viewer, sites=theirs) if theirs else None


def note_export(
    tx: Tx, viewer: Viewer, what: str, filters: Mapping[str, str], rows: int, *, now: Instant, elapsed: Instant
) -> None:
    """Somebody takes so many rows of a list with them. Record it before they get the first one."""
    tx.audit(
        "list.exported",
        table=schema.study,
        object_id=viewer.study.id,
        by=viewer.person_id,
        at=now,
        recorded_at=elapsed,
        after={"list": what, "filters": dict(filters), "rows": rows},
    )
