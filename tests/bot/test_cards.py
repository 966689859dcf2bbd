"""Faces of a card: what is asked, with which buttons, and that they fit a phone. Pure: a view in, a message out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from bot import presses
from bot.buttons import LIMIT_BYTES, encode
from bot.cards import Composed, compose, compose_nudge
from bot.presses import Press
from locales import button, languages, render
from locales.buttons import FULL_ROW, HALF_ROW, columns
from office.cards import ReceiptView
from office.study_files import study_from_text
from tests.bot.card_views import (
    ANSWER,
    ELAPSED,
    PERSON,
    SHORT,
    TODAY,
    VISIT,
    answered,
    kinds,
    shown,
    task,
    view,
    waiting,
)
from tests.trials import DREAM
from trial.answers import AnswerKind, LeavingKind
from trial.labels import labels
from trial.messages import Asking, ButtonKind, ButtonText, LastWord, Phase, Standing
from trial.moments import instant
from trial.tasks import TaskKind

ONE_OF_EACH = {
    TaskKind.HOLD: (Asking.IS_IT_BOOKED, [ButtonKind.BOOKED, ButtonKind.DONE]),
    TaskKind.UPLOAD: (Asking.IS_IT_UPLOADED, [ButtonKind.UPLOADED]),
    TaskKind.SEND: (Asking.IS_IT_SENT, [ButtonKind.SENT]),
    TaskKind.EVENT: (Asking.WHICH_DATE, [ButtonKind.HAPPENED, ButtonKind.PLANNED]),
    TaskKind.FACT: (Asking.WHICH_VALUE, [ButtonKind.WORDS, ButtonKind.WORDS]),
}
REST = [ButtonKind.LATER, ButtonKind.OTHER]


@pytest.mark.parametrize("kind", list(TaskKind))
def test_the_first_face_asks_one_question_and_its_likeliest_answers_stand_first(kind: TaskKind) -> None:
    card, rows = shown(view(task(kind)))

    asking, likely = ONE_OF_EACH[kind]
    assert card.asking is asking
    assert kinds(rows) == [likely, REST]


@pytest.mark.parametrize(
    ("phase", "asking", "first"),
    [
        (Phase.BEFORE, Asking.IS_IT_PLANNED, ButtonKind.BOOKED),
        (Phase.DURING, Asking.IS_IT_BOOKED, ButtonKind.BOOKED),
        (Phase.AFTER, Asking.WAS_IT_DONE, ButtonKind.DONE),
    ],
)
def test_the_question_and_the_first_button_follow_the_phase(phase: Phase, asking: Asking, first: ButtonKind) -> None:
    card, rows = shown(view(task(TaskKind.HOLD), phase=phase))

    assert card.asking is asking
    assert kinds(rows)[0][0] is first


@pytest.mark.parametrize(
    ("booked", "asking"),
    [(date(2027, 4, 13), Asking.NOTHING), (TODAY, Asking.WAS_IT_DONE), (date(2027, 4, 9), Asking.WAS_IT_DONE)],
)
def test_what_is_booked_is_not_asked_to_be_booked(booked: date, asking: Asking) -> None:
    card, rows = shown(view(task(TaskKind.HOLD, day=booked, standing=Standing.BOOKED)))

    assert card.asking is asking
    assert kinds(rows) == [[ButtonKind.DONE, ButtonKind.BOOKED], REST]


def test_two_uploads_stand_side_by_side_and_the_question_asks_about_both() -> None:
    card, rows = shown(view(answered(9, TaskKind.HOLD), task(TaskKind.UPLOAD, 10), task(TaskKind.UPLOAD, 11)))

    assert kinds(rows) == [[ButtonKind.UPLOADED, ButtonKind.UPLOADED], REST]
    assert all(one.text.words for one in rows[0])
    assert card.about is None
    assert card.open_tasks == 2


def test_one_upload_that_is_left_is_named_in_the_question() -> None:
    card, rows = shown(view(answered(9), task(TaskKind.UPLOAD, 11)))

    assert card.about == SHORT[TaskKind.UPLOAD]
    assert rows[0][0].text.words is None


def test_a_third_report_is_found_under_other() -> None:
    three = view(*(task(TaskKind.SEND, number) for number in (10, 11, 12)))

    _, rows = shown(three)
    assert [one.press for one in rows[0]] == [
        presses.ChooseDay(UUID(int=number), AnswerKind.DONE) for number in (10, 11)
    ]
    _, others = shown(three, presses.Others(UUID(int=10)))

    assert presses.ChooseDay(UUID(int=12), AnswerKind.DONE) in [one.press for row in others for one in row]


def test_what_waits_for_a_date_is_shown_and_neither_counted_nor_asked_nor_nudged() -> None:
    before_the_scan = view(task(TaskKind.HOLD), waiting(11), waiting(12))

    card, rows = shown(before_the_scan)

    assert card.open_tasks == 1
    assert [line.standing for line in card.tasks] == [Standing.DUE, Standing.WAITING, Standing.WAITING]
    assert kinds(rows) == [[ButtonKind.BOOKED, ButtonKind.DONE], REST]
    assert compose_nudge(before_the_scan).message.tasks == ()


def test_a_card_of_which_everything_waits_asks_nothing() -> None:
    card, rows = shown(view(waiting(11), waiting(12)))

    assert card.asking is Asking.NOTHING
    assert rows == ()


def test_a_scheduled_visit_says_its_day_and_a_due_one_its_last() -> None:
    scheduled, _ = shown(view(task(TaskKind.HOLD, standing=Standing.SCHEDULED), phase=Phase.BEFORE))
    due, _ = shown(view(task(TaskKind.HOLD)))

    assert scheduled.tasks[0].due == TODAY
    assert due.tasks[0].due == date(2027, 4, 19)


def test_only_a_visit_has_a_window() -> None:
    upload, _ = shown(view(task(TaskKind.UPLOAD)))
    visit, _ = shown(view(task(TaskKind.HOLD)))

    assert upload.opens is None
    assert visit.opens == date(2027, 4, 5)


# --- receipts, safety, faces that fell behind -------------------------------------------------------------------------


def receipt(kind: AnswerKind, **said: object) -> ReceiptView:
    return ReceiptView(
        answer_id=ANSWER,
        person_id=PERSON,
        answer=LastWord(kind=kind, by="Amina", said_on=TODAY, **said),  # type: ignore[arg-type]
        task_id=UUID(int=10),
        task=SHORT[TaskKind.UPLOAD],
        at=instant(datetime(2027, 4, 11, 23, 41, tzinfo=UTC)),
        undo_until=instant(ELAPSED + timedelta(minutes=10)),
        undo_possible=True,
    )


def test_a_receipt_says_the_readers_wall_time_and_offers_the_way_back_below_what_is_left() -> None:
    after = view(answered(10), task(TaskKind.UPLOAD, 11), receipt=receipt(AnswerKind.UPLOADED, day=TODAY))

    card, rows = shown(after, presses.Receipt(ANSWER))

    assert card.receipt is not None
    assert card.receipt.at == "08:41"
    assert kinds(rows) == [[ButtonKind.UPLOADED], REST, [ButtonKind.UNDO]]


def test_when_the_ten_minutes_are_over_the_way_back_is_gone() -> None:
    after = view(answered(10), receipt=receipt(AnswerKind.UPLOADED, day=TODAY))

    card, rows = shown(after, presses.Receipt(ANSWER), elapsed=instant(ELAPSED + timedelta(minutes=10)))

    assert card.receipt is not None
    assert not card.receipt.undo_possible
    assert rows == ()


def test_what_the_trial_office_took_down_can_be_contested_on_every_card_of_the_site() -> None:
    taken_down = replace(receipt(AnswerKind.UPLOADED, day=TODAY), person_id=UUID(int=77), taken_down=True)
    after = view(answered(10), receipt=taken_down)

    card, rows = shown(after, None)
    _, later = shown(after, None, elapsed=taken_down.undo_until)

    assert card.receipt is None
    assert kinds(rows) == [[ButtonKind.CONTEST]]
    assert later == ()


def test_a_colleagues_later_answer_takes_the_place_of_the_receipt() -> None:
    after = view(answered(10), receipt=receipt(AnswerKind.UPLOADED, day=TODAY))

    card, _ = shown(after, presses.Receipt(UUID(int=99)))

    assert card.receipt is None


def test_whoever_said_later_is_not_asked_again_in_the_same_breath() -> None:
    later = view(task(TaskKind.HOLD), receipt=receipt(AnswerKind.LATER, day=date(2027, 4, 19)))

    card, rows = shown(later, presses.Receipt(ANSWER))

    assert card.asking is Asking.NOTHING
    assert kinds(rows)[-1] == [ButtonKind.UNDO]


@pytest.mark.parametrize(
    ("kind", "said", "warned"),
    [
        (AnswerKind.NOT_DONE, {"text": "not well"}, True),
        (AnswerKind.NOT_APPLICABLE, {"words": labels("Disease progressed")}, True),
        (AnswerKind.NO_LONGER_FOLLOWED, {"leaving": LeavingKind.DEATH}, True),
        (AnswerKind.DONE, {"day": TODAY}, False),
        (AnswerKind.UPLOADED, {"day": TODAY}, False),
    ],
)
def test_what_may_be_about_illness_or_death_is_no_safety_report(
    kind: AnswerKind, said: dict[str, object], *, warned: bool
) -> None:
    paused = kind is AnswerKind.NO_LONGER_FOLLOWED

    card, _ = shown(view(answered(10), receipt=receipt(kind, **said), paused=paused), presses.Receipt(ANSWER))

    assert card.safety_line is warned


@pytest.mark.parametrize(
    "face",
    [
        presses.WhyLeft(UUID(int=10)),
        presses.ConfirmLeft(UUID(int=10), LeavingKind.DEATH),
        presses.WriteReason(UUID(int=10), AnswerKind.NOT_DONE),
    ],
)
def test_faces_that_ask_about_illness_or_death_say_so_too(face: Press) -> None:
    assert shown(view(task(TaskKind.HOLD)), face)[0].safety_line


def faces() -> Iterator[Press]:
    of = UUID(int=10)
    for kind in AnswerKind:
        yield presses.ChooseDay(of, kind)
        yield presses.Month(of, kind, date(2027, 4, 1))
        yield presses.ChooseReason(of, kind)
        yield presses.WriteReason(of, kind)
    yield presses.Others(of)
    yield presses.WhyLeft(of)
    yield from (presses.ConfirmLeft(of, leaving) for leaving in LeavingKind)
    yield presses.Front(VISIT)
    yield presses.Receipt(ANSWER)
    yield presses.Nothing()


@pytest.mark.parametrize("face", list(faces()), ids=repr)
def test_a_face_whose_task_was_answered_meanwhile_falls_back_to_the_first(face: Press) -> None:
    meanwhile = view(answered(10), task(TaskKind.UPLOAD, 11))

    assert shown(meanwhile, face)[1] == shown(meanwhile)[1]


# --- every face fits --------------------------------------------------------------------------------------------------


def every_card() -> Iterator[Composed]:
    for kind in TaskKind:
        for phase in Phase:
            alone = view(task(kind), phase=phase, days_late=3 if phase is Phase.AFTER else None)
            yield compose_nudge(alone)
            for face in (None, *faces()):
                yield compose(alone, face, elapsed=ELAPSED)
        if kind not in {TaskKind.UPLOAD, TaskKind.SEND}:
            continue  # a visit is held once; an event or a fact is asked for by itself
        several = view(*(task(kind, number) for number in (10, 11, 12)), waiting(13))
        yield compose_nudge(several)
        for face in (None, *faces()):
            yield compose(several, face, elapsed=ELAPSED)


def test_every_button_has_words_that_fit_and_data_within_the_limit() -> None:
    for composed in every_card():
        for row in composed.rows:
            width = FULL_ROW if len(row) == 1 else HALF_ROW if len(row) == 2 else FULL_ROW // len(row)
            for one in row:
                assert len(encode(one.press).encode()) <= LIMIT_BYTES
                for language in languages():
                    words = button(one.text, language)
                    assert words
                    assert columns(words) <= max(width, 5), (language, words, len(row))


def test_the_buttons_of_the_study_s_own_tasks_fit_half_a_phone() -> None:
    """A study may have longer names than these, and Telegram cuts them; ours are not to be cut."""
    study = study_from_text(DREAM.read_text(encoding="utf-8"), DREAM.name)
    said = {TaskKind.UPLOAD: ButtonKind.UPLOADED, TaskKind.SEND: ButtonKind.SENT}
    asked = [
        ButtonText(said[task.kind], words=task.short)
        for visit in study.visits.values()
        for task in visit.tasks
        if task.kind in said and len(visit.tasks) > 1
    ]
    words = [button(one, language) for one in asked for language in languages()]

    assert words
    assert [one for one in words if columns(one) > HALF_ROW] == []


def test_first_faces_have_two_rows_and_every_face_has_a_way_on() -> None:
    for composed in every_card():
        first = any(one.text.kind is ButtonKind.OTHER for row in composed.rows for one in row)
        assert not first or len(composed.rows) == 2
        asking = composed.message.asking
        assert bool(composed.rows) or asking is Asking.NOTHING
        if not first and composed.rows:
            assert composed.rows[-1][-1].text.kind is ButtonKind.BACK


def test_every_face_can_be_said_in_every_language() -> None:
    for composed in every_card():
        for language in languages():
            text = render(composed.message, language).text
            assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096
            assert "None" not in text


def test_nothing_names_the_patient_before_the_sixtieth_character() -> None:
    for composed in every_card():
        for language in languages():
            text = render(composed.message, language).text
            assert "417-003" in text
            assert "417-003" not in text[:60]
            assert "DREAM" not in text[:60]


def test_the_same_view_gives_the_same_card() -> None:
    assert compose(replace(view(task(TaskKind.HOLD))), None, elapsed=ELAPSED) == compose(
        view(task(TaskKind.HOLD)), None, elapsed=ELAPSED
    )
