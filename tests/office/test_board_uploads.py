"""The way of the scans, as the trial office reads it: one stage after the other, and for whose eyes."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from office import claims
from office.answers import Recorded
from office.board.uploads import Funnel, UploadFilters, UploadPage, UploadRow, upload_page
from office.board.viewer import Viewer, viewer_of
from records.board.uploads import Stage, claims_of_visits
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.claims import ClaimState

EVERYTHING = UploadFilters(frozenset(Stage))


@dataclass(slots=True)
class Baseline:
    """The baseline imaging of patient 417-001, due today at a site with one coordinator; CT and MRI are to be uploaded."""

    trial: Trial
    boss: UUID
    amina: UUID
    patient: UUID

    def says(self, name: str, kind: AnswerKind, day: str | None = None) -> UUID:
        task = self.trial.task(self.patient, "baseline_imaging", name)
        said = self.trial.says(self.amina, task, kind, day=day, text=None if day else "no time")
        assert isinstance(said, Recorded)
        return said.answer_id

    def page(self, person: UUID | None = None, filters: UploadFilters = EVERYTHING) -> UploadPage:
        found: Viewer | None = self.trial.asks(viewer_of, person or self.boss)
        assert found is not None
        page: UploadPage = self.trial.asks(upload_page, self.trial.studies, found, filters)
        return page

    def row(self, name: str = "upload_ct") -> UploadRow:
        return next(row for row in self.page().rows if row.called.task.name == name)

    def stages(self) -> dict[str, Stage]:
        return {row.called.task.name: row.stage for row in self.page().rows}


@pytest.fixture
def baseline(trial: Trial) -> Baseline:
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    return Baseline(trial, trial.manager(), amina, patient)


def test_scans_go_from_due_to_verified(baseline: Baseline):
    trial = baseline.trial
    assert baseline.stages() == {"upload_ct": Stage.DUE, "upload_mri": Stage.DUE}
    assert baseline.page().funnel == Funnel(due=2, held=0, claimed=0, verified=0, queried=0)

    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    assert set(baseline.stages().values()) == {Stage.HELD}
    assert baseline.page().funnel == Funnel(due=2, held=2, claimed=0, verified=0, queried=0)

    claim = baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")
    assert baseline.stages() == {"upload_ct": Stage.CLAIMED, "upload_mri": Stage.HELD}

    trial.does(claims.query, trial.studies, claim, baseline.boss, "Series 3 is missing")
    assert baseline.row().query == "Series 3 is missing"
    assert baseline.page().funnel == Funnel(due=2, held=2, claimed=1, verified=0, queried=1)

    again = baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")
    assert (baseline.row().stage, baseline.row().query) == (Stage.CLAIMED, None)

    trial.does(claims.verify, trial.studies, again, baseline.boss)
    assert (baseline.row().stage, baseline.row().checked_by) == (Stage.VERIFIED, "Manager A")
    assert baseline.page().funnel == Funnel(due=2, held=2, claimed=1, verified=1, queried=0)
    assert baseline.page(filters=UploadFilters()).rows == ()


def test_a_claim_that_is_taken_back_is_none(baseline: Baseline):
    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    claim = baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")
    baseline.trial.undoes(baseline.amina, claim)

    assert baseline.row().stage is Stage.HELD
    assert baseline.row().claim is None


def test_what_does_not_apply_is_at_no_stage_and_what_will_never_come_was_due(baseline: Baseline):
    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    baseline.says("upload_mri", AnswerKind.NOT_APPLICABLE)
    baseline.says("upload_ct", AnswerKind.NOT_DONE)

    assert baseline.stages() == {"upload_ct": Stage.HELD}


def test_a_visit_whose_day_has_not_come_counts_for_nothing(baseline: Baseline):
    assert all(row.called.task.occurrence == "baseline_imaging" for row in baseline.page().rows)


def test_a_claim_that_nobody_has_looked_at_in_the_study_s_time_is_marked(baseline: Baseline):
    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")
    fresh = baseline.row().unseen
    baseline.trial.wait(days=30)

    assert not fresh
    assert baseline.row().unseen
    assert baseline.row().days == 30


def test_the_oldest_claim_waits_first(baseline: Baseline):
    trial = baseline.trial
    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    baseline.says("upload_mri", AnswerKind.UPLOADED, "2026-03-02")
    trial.wait(hours=1)
    baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")

    waiting = baseline.page(filters=UploadFilters())
    assert [row.called.task.name for row in waiting.rows] == ["upload_mri", "upload_ct"]
    assert (waiting.first, waiting.last, waiting.found, waiting.goes_on) == (1, 2, 2, False)


def test_whoever_is_of_another_site_sees_nothing_of_it(baseline: Baseline):
    berta = baseline.trial.enrolled("Berta", site="501")

    assert baseline.page(berta).rows == ()
    assert baseline.page(berta).funnel.due == 0
    assert not any(row.may_check for row in baseline.page(baseline.amina).rows)


def test_filters_leave_the_other_sites_out_of_the_funnel_too(baseline: Baseline):
    baseline.trial.patient("501-001", site="501", first_registration="2026-03-02")

    assert baseline.page().funnel.due == 4
    assert baseline.page(filters=UploadFilters(frozenset(Stage), country="JP")).funnel.due == 2


def test_of_several_claims_of_a_visit_the_worst_is_said(baseline: Baseline):
    trial = baseline.trial
    baseline.says("hold", AnswerKind.DONE, "2026-03-02")
    visit = baseline.row().called.task.visit_id

    def worst() -> ClaimState | None:
        with trial.records.read() as tx:
            return claims_of_visits(tx, {visit}).get(visit)

    assert worst() is None
    first = baseline.says("upload_ct", AnswerKind.UPLOADED, "2026-03-02")
    trial.does(claims.verify, trial.studies, first, baseline.boss)
    assert worst() is ClaimState.VERIFIED
    second = baseline.says("upload_mri", AnswerKind.UPLOADED, "2026-03-02")
    assert worst() is ClaimState.CLAIMED
    trial.does(claims.query, trial.studies, second, baseline.boss)
    assert worst() is ClaimState.QUERIED
