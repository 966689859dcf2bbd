"""The trial office as it takes versions in, releases them and lets their day come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from office.amendments import Moves, what_it_moves
from office.consents import record_consent
from office.named import site_named, study_named
from office.releases import Released, Wanted, release, version_named
from office.studies import import_document
from office.withdrawing import withdraw_release
from records import releases, schema
from records.database import Records
from scheduler.amending import amend_due
from tests.office.vocabulary import DREAM, Trial
from tests.released import sourced
from trial.problems import ProblemError
from trial.tasks import TaskState

APPROVED = date(2026, 2, 1)
MOST_PORTIONS = 100
FOLLOWED = {"first_registration": "2025-10-01", "second_registration": "2025-10-01", "surgery": "2025-10-20"}

FOUR_MONTHLY = {"every 6mo until 24mo": "every 4mo until 24mo"}
IMAGING = {"  - id: fu\n": "  - id: imaging\n"}
SCAN = {"  - id: fu\n": "  - id: scan\n"}
GIVEN_UP = "{fu_6mo: drop, fu_18mo: drop}"


def version(
    number: str, changes: Mapping[str, str], *, applies_to: str = "visits_due_after_activation", **renames: str
) -> str:
    """The reference study with other words in it. `renames`: those of each version (`v2`), up to this one."""
    text = sourced(DREAM.read_text(encoding="utf-8")).replace('version: "1.1"', f'version: "{number}"')
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    table = ['  - {version: "1.1", active: {default: 2016-08-22}}']
    for one in range(2, int(number[0]) + 1):
        told = f"renames: {renames.get(f'v{one}', '{}')}"
        whom = applies_to if number == f"{one}.0" else "visits_due_after_activation"
        table.append(f'  - {{version: "{one}.0", active: {{default: null}}, applies_to: {whom}, {told}}}')
    return "\n".join([text, "amendments:", *table, ""])


@dataclass
class Office:
    """Two managers and a trial in which version 1.1 is in use."""

    trial: Trial
    first: UUID
    second: UUID

    def adds(self, document: str, *, by: UUID | None = None) -> None:
        import_document(self.trial.records, document, "new.yaml", by=by or self.first, **self.trial.times)

    def releases(
        self,
        *sites: str,
        version: str = "2.0",
        active_from: str | None = "2026-04-01",
        approved_on: date = APPROVED,
        prepared_by: UUID | None = None,
        by: UUID | None = None,
        demo: bool = False,
    ) -> tuple[Released, ...]:
        with self.trial.records.begin() as tx:
            study = study_named(tx, "DREAM")
            wanted = [
                Wanted(
                    version_named(tx, study, version),
                    site_named(tx, study, site),
                    None if active_from is None else date.fromisoformat(active_from),
                    approved_on,
                    prepared_by,
                    by or self.second,
                )
                for site in sites or ("417",)
            ]
            return release(tx, self.trial.studies, wanted, demo=demo, **self.trial.times)

    def withdraws(self, site: str = "417", *, version: str = "2.0", by: UUID | None = None) -> date:
        with self.trial.records.begin() as tx:
            study = study_named(tx, "DREAM")
            return withdraw_release(
                tx,
                self.trial.studies,
                version_named(tx, study, version),
                site_named(tx, study, site),
                by=by or self.second,
                reason="The approval was for another hospital.",
                **self.trial.times,
            )

    def refused(self, **wanted: object) -> str:
        with pytest.raises(ProblemError) as problem:
            self.releases(**wanted)  # type: ignore[arg-type]
        return str(problem.value)

    def moves(self, document: str, *, active_from: str = "2026-04-01", site: str = "417") -> Moves:
        with self.trial.records.read() as tx:
            place = site_named(tx, study_named(tx, "DREAM"), site)
        return what_it_moves(
            self.trial.records, place, document, active_from=date.fromisoformat(active_from), **self.trial.times
        )

    def amends(self) -> int:
        """What a tick does before it rings; how many patients are planned by the newest version afterwards."""
        portions = 0
        while amend_due(self.trial.records, self.trial.studies, **self.trial.times, limit=1):
            portions += 1
            assert portions < MOST_PORTIONS, "it goes on for ever"
        with self.trial.records.read() as tx:
            newest = version_named(tx, study_named(tx, "DREAM"), None).id
            return len(
                tx.connection.scalars(
                    sa.select(schema.patient.c.id).where(schema.patient.c.study_version_id == newest)
                ).all()
            )

    def due(self, patient: UUID) -> Mapping[str, str]:
        return {
            key: f"{task.due}"
            for key, task in self.trial.tasks(patient).items()
            if task.state is TaskState.OPEN and key.startswith("fu_") and key.endswith("/hold")
        }


def followed(trial: Trial, code: str = "417-001", **more: str) -> UUID:
    return trial.patient(code, facts={"lesion_left_in_place": "yes"}, **FOLLOWED, **more)


SIX_MONTHLY = {
    "fu_6mo/hold": "2026-04-20",
    "fu_12mo/hold": "2026-10-20",
    "fu_18mo/hold": "2027-04-20",
    "fu_24mo/hold": "2027-10-20",
}


def waiting(records: Records) -> int:
    with records.read() as tx:
        return len(releases.waiting(tx, until=date.max))


def consents(trial: Trial, code: str, day: str, *, version: str = "2.0") -> bool:
    with trial.records.begin() as tx:
        return record_consent(
            tx,
            trial.studies,
            study_named(tx, "DREAM"),
            patient_code=code,
            version=version,
            given_on=date.fromisoformat(day),
            **trial.stamp,
        )


def chain(trial: Trial, patient: UUID) -> list[str]:
    """The versions that a patient is planned by, the first one first."""
    with trial.records.read() as tx:
        names = dict(tx.connection.execute(sa.select(schema.study_version.c.id, schema.study_version.c.version)).all())
        return [names[link.study_version_id] for link in releases.chain_of(tx, patient)]


def newest(trial: Trial, patient: UUID) -> str:
    with trial.records.read() as tx:
        return str(
            tx.connection.scalar(
                sa.select(schema.study_version.c.version)
                .join(schema.patient, schema.patient.c.study_version_id == schema.study_version.c.id)
                .where(schema.patient.c.id == patient)
            )
        )
