"""Two people at once, each in a transaction of their own, on both engines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from office.answers import AlreadyAnswered, Recorded, Undone
from office.judging import Refusal
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.tasks import TaskState


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each of them gave, started at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def kinds(outcomes: list[object]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_two_presses_at_once_are_one_answer(trial: Trial):
    amina, berta = trial.enrolled("Amina"), trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "baseline_imaging")

    outcomes = at_once(
        lambda: trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20"),
        lambda: trial.says(berta, hold, AnswerKind.DONE, day="2026-02-20"),
    )

    assert kinds(outcomes) == [AlreadyAnswered.__name__, Recorded.__name__]
    assert len(trial.audited("answer.recorded")) == 1
    assert trial.audit_holds()


def test_two_who_disagree_at_once_are_one_answer_and_a_refusal(trial: Trial):
    amina, berta = trial.enrolled("Amina"), trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    surgery = trial.task(patient, "surgery")

    outcomes = at_once(
        lambda: trial.says(amina, surgery, AnswerKind.DONE, day="2026-03-02"),
        lambda: trial.says(berta, surgery, AnswerKind.NOT_DONE, reason="declined"),
    )

    assert kinds(outcomes) == [Recorded.__name__, Refusal.__name__]
    assert len(trial.audited("answer.recorded")) == 1


def test_an_answer_is_taken_back_once_by_two_at_once(trial: Trial):
    amina, berta = trial.enrolled("Amina"), trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    said = trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    assert isinstance(said, Recorded)

    outcomes = at_once(
        lambda: trial.undoes(amina, said.answer_id),
        lambda: trial.undoes(berta, said.answer_id),
    )

    assert kinds(outcomes) == [Refusal.__name__, Undone.__name__]
    assert Refusal.ALREADY_UNDONE in outcomes


def test_a_tick_and_an_answer_at_once_leave_nothing_ringing_that_is_closed(trial: Trial):
    amina = trial.enrolled("Amina")
    patients = [trial.patient(f"417-{number:03d}", first_registration="2026-03-02") for number in range(8)]
    trial.forward_to("2026-03-03 10:00")
    holds = [trial.task(patient, "baseline_imaging") for patient in patients]

    def answers() -> None:
        for hold in holds:
            trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")

    at_once(answers, trial.tick, trial.tick)
    trial.tick()

    for patient in patients:
        closed = trial.task(patient, "baseline_imaging")
        assert (closed.state, closed.next_attention_at) == (TaskState.DONE, None)
    told = [(row.task_id, row.step, row.announced_due, row.person_id) for row in trial.reminders()]
    assert len(told) == len(set(told))
    assert trial.reminders(state="waiting") == []
    assert trial.audit_holds()
