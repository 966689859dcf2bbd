"""What the ladder and the trial office say, beyond what holds for every message."""

from datetime import date, timedelta

import pytest

from locales import OF_A_PATIENT, OF_A_SITE, OFFICE_COMMANDS, SITE_COMMANDS, button, command_words, languages, render
from locales.buttons import FULL_ROW, HALF_ROW, columns
from locales.commands import DESCRIPTION_LONGEST
from tests.locales.messages import card, last_word, nudge
from tests.locales.room_messages import (
    BY,
    CODE,
    DAY,
    LATER,
    SITE,
    STUDY,
    TASK,
    digest,
    digest_line,
    leaving_to_confirm,
    why_this,
)
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.labels import label_in, labels
from trial.messages import (
    Asking,
    AwaySet,
    ButtonKind,
    ButtonText,
    CardTask,
    Help,
    ItemKind,
    LeavingConfirmed,
    NudgeTask,
    OfficeItem,
    OfficeNews,
    Phase,
    Standing,
    TimeLeft,
)
from trial.responsibility import WhyTold
from trial.study import NUDGE, Step
from trial.tasks import TaskKind

LANGUAGES = tuple(languages())
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

HOLIDAY = date(2027, 4, 29)


# --- what is left -----------------------------------------------------------------------------------------------------


def test_a_day_off_before_the_end_is_named_with_what_it_leaves():
    # On a Tuesday, before a Friday.
    asked = card(closes=date(2027, 4, 30), days_left=3, working_days_left=2, days_off=(HOLIDAY,))

    assert "Thu 29 Apr is a day off: 2 working days left" in render(asked, "en").text
    assert "4月29日(木)は休日・残り2営業日" in render(asked, "ja").text
    assert (
        "Thu 29 Apr is a day off: 2 working days left"
        in render(nudge(days_left=3, working_days_left=2, days_off=(HOLIDAY,)), "en").text
    )


def test_several_days_off_are_named_and_many_are_counted():
    named = tuple(date(2027, 5, day) for day in (3, 4, 5))

    def said(days_off: tuple[date, ...]) -> str:
        return render(card(days_left=20, working_days_left=11, days_off=days_off), "en").text

    assert "Mon 3 May, Tue 4 May and Wed 5 May are days off: 11 working days left" in said(named)
    assert "4 days off in between: 11 working days left" in said((HOLIDAY, *named))


def test_working_days_are_counted_when_few_are_left_and_calendar_days_before():
    def said(working_days_left: int | None) -> str:
        return render(card(days_left=8, working_days_left=working_days_left), "en").text

    assert "8 days left" in said(6)
    assert "5 working days left" in said(5)
    assert "1 working day left" in said(1)
    assert "no working day left after today" in said(0)
    assert "8 days left" in said(None)


@in_every_language
@pytest.mark.parametrize(("working", "off"), [(None, ()), (6, ()), (5, ()), (1, ()), (0, ()), (7, (HOLIDAY,))])
def test_card_nudge_and_digest_count_alike(language, working, off):
    counted = {"days_left": 9, "working_days_left": working, "days_off": off}
    line = digest_line(left=9, working_days_left=working, days_off=off)
    (left,) = render(digest(lines=(line,)), language).text.splitlines()[-1].split(" · ")[2:]

    assert left in render(card(**counted), language).text
    assert left in render(nudge(**counted), language).text
    assert (
        left in render(nudge(days_left=None, tasks=(NudgeTask(TASK, TimeLeft(9, None, working, off)),)), language).text
    )


@in_every_language
def test_on_the_last_day_and_afterwards_no_working_days_are_counted(language):
    off = {"days_off": (DAY,), "working_days_left": 1}

    assert render(card(days_left=0, **off), language) == render(card(days_left=0), language)
    assert render(card(phase=Phase.AFTER, days_left=None, days_late=3, **off), language) == render(
        card(phase=Phase.AFTER, days_left=None, days_late=3), language
    )


# --- the card ---------------------------------------------------------------------------------------------------------


@in_every_language
def test_a_card_of_a_digest_says_in_its_head_which_of_how_many(language):
    head = render(card(place=(1, 3)), language).text.splitlines()[0]

    assert {"en": "1 of 3", "de": "1 von 3", "fr": "1 sur 3", "ja": "1件目（全3件）"}[language] in head


@in_every_language
def test_whoever_stands_in_is_told_for_whom(language):
    for asked in (card(covering="Berta"), nudge(covering="Berta")):
        assert "Berta" in render(asked, language).text


@in_every_language
def test_a_claim_that_nobody_has_seen_is_told_once_and_by_its_task(language):
    claim = CardTask(TASK, TaskKind.UPLOAD, Standing.CLAIMED, day=DAY)
    last = last_word(AnswerKind.UPLOADED, day=DAY, task_kind=TaskKind.UPLOAD)
    said = render(card(tasks=(claim,), last=last, asking=Asking.IS_IT_REALLY_THERE, days_left=None), language).text

    assert {
        "en": "You said uploaded on Mon 12 Apr",
        "de": "Laut Ihrer Angabe am Mo., 12. Apr. hochgeladen",
        "fr": "Vous avez indiqué un dépôt le lun. 12 avr.",
        "ja": "4月12日(月)にアップロード済みとのご回答",
    }[language] in said
    assert label_in(TASK, language) in said
    assert {"en": "Last answer", "de": "Letzte Antwort", "fr": "Dernière réponse", "ja": "前回の回答"}[
        language
    ] not in said


@in_every_language
def test_the_trial_offices_own_question_stands_in_place_of_ours(language):
    claim = CardTask(TASK, TaskKind.UPLOAD, Standing.QUERIED, day=DAY)
    said = render(card(tasks=(claim,), asking=Asking.IS_IT_THERE, query="Where is series 4?"), language).text

    assert "Where is series 4?" in said
    assert {
        "en": "does not show it yet",
        "de": "noch nicht zu sehen",
        "fr": "ne le montre pas encore",
        "ja": "確認できていません",
    }[language] not in said


@in_every_language
def test_claimed_verified_and_queried_are_three_different_words(language):
    words = {
        render(card(tasks=(CardTask(TASK, TaskKind.UPLOAD, standing, day=DAY),)), language).text
        for standing in (Standing.CLAIMED, Standing.VERIFIED, Standing.QUERIED, Standing.DONE)
    }

    assert len(words) == 4


@in_every_language
def test_a_day_outside_the_window_is_marked_and_not_judged(language):
    said = render(card(last=last_word(AnswerKind.DONE, day=DAY, outside_window=True)), language).text

    assert {"en": "outside the window", "de": "außerhalb des Zeitfensters", "fr": "hors fenêtre", "ja": "許容範囲外"}[
        language
    ] in said
    assert {"en": "deviation", "de": "Abweichung", "fr": "écart", "ja": "逸脱"}[language] not in said


@in_every_language
def test_a_card_that_waits_for_the_trial_office_asks_for_no_answer(language):
    waiting = render(card(asked_for_help=HelpKind.CALL_ME, asking=Asking.NOTHING), language).text

    assert waiting.startswith("🔕")
    assert {
        "en": "a call, please",
        "de": "Bitte um Anruf",
        "fr": "appel téléphonique souhaité",
        "ja": "電話での連絡を希望",
    }[language] in waiting


# --- why --------------------------------------------------------------------------------------------------------------


def test_a_rule_is_told_in_words_of_the_reader():
    def rule(written: str, language: str) -> str:
        said = render(why_this(rule=written), language).text
        return next(line for line in said.splitlines() if "Rule:" in line or "規則：" in line)

    assert rule("closes + 3wd", "en").endswith("last day + 3 working days")
    assert rule("closes + 3wd", "ja").endswith("最終日 + 3営業日")
    assert rule("opens - 1w", "en").endswith("first day − 1 week")
    assert rule("due", "en").endswith("due date")
    assert rule("first_of(surgery) + 2d", "en").endswith("first_of(surgery) + 2d")


@in_every_language
def test_why_names_version_and_everybody_else_who_was_told(language):
    said = render(why_this(version="4.1", others=("Amina", "Berta")), language).text

    assert "4.1" in said
    assert "Amina" in said
    assert "Berta" in said


@in_every_language
def test_an_unverified_number_is_said_to_be_one(language):
    assert render(why_this(unverified=True), language) != render(why_this(unverified=False), language)


@in_every_language
def test_every_reason_and_every_step_has_words_of_its_own(language):
    assert len({render(why_this(why=why), language).text for why in WhyTold}) == len(WhyTold)
    assert len({render(why_this(step=step), language).text for step in (*Step, NUDGE)}) == len(Step) + 1


@in_every_language
def test_whoever_stands_in_reads_for_whom(language):
    for why in (WhyTold.COVERS, WhyTold.TAKES_OVER):
        assert "Berta" in render(why_this(why=why, instead_of="Berta"), language).text


# --- patients who leave -----------------------------------------------------------------------------------------------

NOT_A_SAFETY_REPORT = {
    "en": "not a safety report",
    "de": "keine Sicherheitsmeldung",
    "fr": "pas une déclaration de vigilance",
    "ja": "安全性報告ではありません",
}


@in_every_language
def test_the_safety_line_stands_where_illness_may_be_meant(language):
    def has_line(kind: LeavingKind) -> bool:
        confirmed = LeavingConfirmed(STUDY, SITE, CODE, kind, DAY, BY)
        return NOT_A_SAFETY_REPORT[language] in render(confirmed, language).text

    without = {kind for kind in LeavingKind if not has_line(kind)}

    assert without == {LeavingKind.TRANSFERRED, LeavingKind.LOST}
    assert NOT_A_SAFETY_REPORT[language] in render(leaving_to_confirm(confirming=None), language).text


@in_every_language
def test_lost_to_follow_up_is_asked_for_an_attempt_before_its_day(language):
    lost = {"told": LeavingKind.LOST, "confirming": LeavingKind.LOST}
    before, after = (render(leaving_to_confirm(**lost, attempts=days), language).text for days in ((), (DAY,)))

    assert {
        "en": "at least one logged attempt",
        "de": "mindestens ein Kontaktversuch",
        "fr": "au moins une tentative notée",
        "ja": "1回以上必要",
    }[language] in before
    assert {
        "en": "at least one logged attempt",
        "de": "mindestens ein Kontaktversuch",
        "fr": "au moins une tentative notée",
        "ja": "1回以上必要",
    }[language] not in after
    assert "12" in after


@in_every_language
def test_nobody_is_greeted_with_a_tick_when_a_patient_has_left(language):
    for kind in LeavingKind:
        said = render(LeavingConfirmed(STUDY, SITE, CODE, kind, DAY, BY), language).text

        assert not set("✅✓") & set(said)


# --- the trial office -------------------------------------------------------------------------------------------------


@in_every_language
def test_every_kind_of_news_has_words_of_its_own(language):
    news = {render(OfficeNews(STUDY, (OfficeItem(what, SITE),), 0), language).text for what in ItemKind}

    assert len(news) == len(ItemKind)


@in_every_language
def test_news_count_what_they_leave_out(language):
    said = render(OfficeNews(STUDY, (OfficeItem(ItemKind.BLOCKED, SITE),) * 20, 2), language).text

    assert "22" in said.splitlines()[0]
    assert said.endswith({"en": "and 7 more", "de": "und noch 7", "fr": "et 7 de plus", "ja": "ほか7件"}[language])


# --- a person's own time ----------------------------------------------------------------------------------------------


def test_one_day_away_is_one_day():
    assert "You are away on Mon 12 Apr." in render(AwaySet(DAY, DAY, None, 0), "en").text
    assert "You are away from Mon 12 Apr to Fri 23 Apr" in render(AwaySet(DAY, LATER, None, 0), "en").text


def test_years_are_written_where_an_absence_spans_two():
    assert "2028" in render(AwaySet(date(2027, 12, 20), date(2028, 1, 7), None, 0), "en").text


# --- commands and buttons ---------------------------------------------------------------------------------------------


@in_every_language
def test_every_command_is_described_within_telegrams_menu(language):
    words = command_words(language)

    assert list(words) == [*SITE_COMMANDS, *OFFICE_COMMANDS]
    assert len(set(words.values())) == len(words)
    for described in words.values():
        assert 3 <= len(described) <= DESCRIPTION_LONGEST
        assert described.strip() == described
        assert not described.endswith((".", "。"))


@in_every_language
def test_help_names_every_command_that_its_reader_has(language):
    of_a_site, of_both = (render(Help(STUDY, office=office), language).text for office in (False, True))
    of_the_office = render(Help(STUDY, office=True, at_site=False), language).text
    of_a_discreet_site = render(Help(""), language).text

    for name, words in command_words(language).items():
        named = f"/{name} – {words}"
        assert named in of_both
        assert (named in of_the_office) == (name not in OF_A_SITE)
        assert (named in of_a_site) == (name in SITE_COMMANDS)
        assert (named in of_a_discreet_site) == (name in SITE_COMMANDS.keys() - OF_A_PATIENT)


@in_every_language
def test_every_kind_of_help_fits_a_button(language):
    texts = {button(ButtonText(ButtonKind.HELP_KIND, help=kind), language) for kind in HelpKind}

    assert len(texts) == len(HelpKind)
    assert all(columns(text) <= HALF_ROW for text in texts)


@in_every_language
def test_a_day_of_return_names_the_day(language):
    for number in range(365):
        day = date(2027, 1, 1) + timedelta(days=number)
        text = button(ButtonText(ButtonKind.UNTIL_DAY, day=day), language)

        assert str(day.day) in text
        assert columns(text) <= HALF_ROW


@in_every_language
def test_names_and_hours_stand_on_buttons_as_they_are(language):
    assert button(ButtonText(ButtonKind.NAME, words=labels("Berta")), language) == "Berta"
    assert button(ButtonText(ButtonKind.HOURS, words=labels("09:00 – 15:30")), language) == "09:00 – 15:30"
    assert columns(button(ButtonText(ButtonKind.NAME, words=labels("B" * 80)), language)) <= FULL_ROW


@in_every_language
def test_buttons_of_the_whole_ladder_that_stand_together_differ(language):
    together = (
        (ButtonKind.UPLOADED_AGAIN, ButtonKind.ALREADY_SENT, ButtonKind.LATER, ButtonKind.HELP),
        (ButtonKind.EARLIER_ITEM, ButtonKind.NEXT_ITEM, ButtonKind.OVERVIEW),
        (ButtonKind.WEEKLY, ButtonKind.EACH_BY_ITSELF, ButtonKind.BACK),
        (ButtonKind.STILL_FOLLOWED, ButtonKind.LOG_ATTEMPT, ButtonKind.CONFIRM, ButtonKind.BACK),
        (ButtonKind.LOOKED_AT, ButtonKind.WHY, ButtonKind.OPEN_ITEM),
        (ButtonKind.NOT_DONE, ButtonKind.NOT_APPLICABLE, ButtonKind.NO_LONGER_FOLLOWED, ButtonKind.HELP),
    )
    for kinds in together:
        assert len({button(ButtonText(kind), language) for kind in kinds}) == len(kinds)
