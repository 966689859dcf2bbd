"""Messages for tests: one of each kind by hand, and any of them by Hypothesis."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

from hypothesis import strategies as st

from tests.locales.room_messages import BY, CODE, DAY, SITE, STUDY, TASK, VISIT, every_room_message
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.guard import Finding
from trial.labels import labels
from trial.messages import (
    AccessEnded,
    Asking,
    Card,
    CardTask,
    Digest,
    DigestLine,
    Help,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    LastWord,
    ListLine,
    Message,
    Nudge,
    NudgeTask,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    Phase,
    PrivacyNotice,
    Receipt,
    Refusal,
    Refused,
    Standing,
    TaskList,
    TestTask,
    TestTaskDone,
    TextBlocked,
    TimeLeft,
)
from trial.people import Role
from trial.tasks import TaskKind

# What must never stand in the first 60 characters; also found nowhere in our own words. The site is the shortest there
# is: the neutral lines have to be long enough by themselves.
SECRETS = (STUDY, CODE, *VISIT.values(), *TASK.values())


def last_word(kind: AnswerKind, **fields: object) -> LastWord:
    return LastWord(kind=kind, by=BY, said_on=DAY, **fields)  # type: ignore[arg-type]


def card(**fields: object) -> Card:
    usual = {
        "site_number": SITE,
        "open_tasks": 1,
        "study": STUDY,
        "code": CODE,
        "visit": VISIT,
        "firm": True,
        "phase": Phase.DURING,
        "opens": date(2027, 4, 5),
        "due": DAY,
        "closes": date(2027, 4, 19),
        "days_left": 7,
        "days_late": None,
        "tasks": (CardTask(TASK, TaskKind.HOLD, Standing.DUE, due=DAY),),
        "last": None,
        "receipt": None,
        "asking": Asking.IS_IT_BOOKED,
        "about": None,
    }
    return Card(**(usual | fields))  # type: ignore[arg-type]


def nudge(**fields: object) -> Nudge:
    usual = {
        "site_number": SITE,
        "study": STUDY,
        "code": CODE,
        "visit": VISIT,
        "tasks": (NudgeTask(TASK),),
        "phase": Phase.DURING,
        "days_left": 3,
        "days_late": None,
        "asking": Asking.IS_IT_BOOKED,
    }
    return Nudge(**(usual | fields))  # type: ignore[arg-type]


def every_message() -> Iterator[Message]:
    """Every kind of message with every member of every enum, and with every date there and missing."""
    yield from _every_card()
    yield from (nudge(phase=phase, asking=asking) for phase, asking in product(Phase, Asking))
    yield from (nudge(days_left=left, days_late=late) for left, late in ((None, None), (0, None), (1, None), (None, 2)))
    for role, site in product(Role, (SITE, None)):
        yield InviteQuestion(BY, role, STUDY, site, None, "ja")
        yield PersonEnrolled(BY, role, site)
        yield InviteRefused(BY, site)
    yield from (InviteLanguage(), InviteInvalid(), InviteDeclined(), TestTask(BY), TestTaskDone())
    yield from (PrivacyNotice(STUDY), PersonKept(BY), PersonRevoked(BY), AccessEnded(STUDY), Help(STUDY))
    yield from (
        Help(study, office, at_site) for study, office, at_site in product((STUDY, ""), (True, False), (True, False))
    )
    yield from (PatientPaused(STUDY, SITE, CODE, leaving) for leaving in LeavingKind)
    yield from (Refusal(why) for why in Refused)
    yield from (TextBlocked((finding,), deleted) for finding, deleted in product(Finding, (True, False)))
    yield TextBlocked(tuple(Finding), deleted=True)
    yield from every_room_message()


def _every_card() -> Iterator[Message]:
    for phase, asking, late in product(Phase, Asking, (None, 3)):
        yield card(phase=phase, asking=asking, about=TASK, days_late=late, safety_line=True)
    for phase, firm, opens, closes, open_tasks in product(Phase, (True, False), (DAY, None), (DAY, None), (0, 1, 2)):
        yield card(phase=phase, firm=firm, opens=opens, closes=closes, due=None, open_tasks=open_tasks)
    for place, covering, query in product(((1, 3), None), (BY, None), ("Where is series 4?", None)):
        yield card(place=place, covering=covering, query=query)
        yield card(place=place, covering=covering, query=query, open_tasks=0)
        yield nudge(covering=covering)
    for asked_for, said in product((*HelpKind, None), (*HelpKind, None)):
        yield card(asked_for_help=asked_for, last=last_word(AnswerKind.NEED_HELP, help=said), place=(2, 3))
        yield card(asked_for_help=asked_for)
    yield from _counted()
    for standing, tasks, day, query in product(Standing, (1, 2), (DAY, None), ("Where is series 4?", None)):
        claim = CardTask(TASK, TaskKind.UPLOAD, standing, due=DAY, day=day)
        last = last_word(AnswerKind.UPLOADED, day=day, task_kind=TaskKind.UPLOAD)
        for asking in (Asking.IS_IT_THERE, Asking.IS_IT_REALLY_THERE):
            yield card(tasks=(claim,) * tasks, asking=asking, query=query, last=last)
    for standing, kind, day in product(Standing, TaskKind, (DAY, None)):
        yield card(tasks=(CardTask(TASK, kind, standing, due=day, day=day),) * 2)
        yield card(tasks=(CardTask(TASK, kind, standing, due=day, day=day),), open_tasks=0)
    for kind, day, words, leaving, task in product(
        AnswerKind, (DAY, None), (TASK, None), (*LeavingKind, None), (*TaskKind, None)
    ):
        answer = last_word(kind, day=day, words=words, leaving=leaving, task_kind=task)
        yield card(last=answer)
        yield card(last=replace(answer, outside_window=True))
        yield card(receipt=Receipt(answer, TASK, "08:41", undo_possible=True), open_tasks=0)


def _counted() -> Iterator[Message]:
    """Whatever may be left until the end."""
    for working, days_off, phase in product((0, 1, 2, 5, 6, None), ((), (DAY,), (DAY,) * 2, (DAY,) * 4), Phase):
        yield card(working_days_left=working, days_off=days_off, phase=phase)
        yield nudge(working_days_left=working, days_off=days_off, phase=phase)
        for left, late in ((None, None), (0, None), (4, None), (None, 2)):
            yield nudge(days_left=None, tasks=(NudgeTask(TASK, TimeLeft(left, late, working, days_off)),) * 2)


_words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
_labels = st.builds(lambda english, japanese: labels(english, ja=japanese), _words, _words)
_days = st.dates(date(2016, 1, 1), date(2040, 12, 31))
_last_words = st.builds(
    LastWord,
    kind=st.sampled_from(AnswerKind),
    by=_words,
    said_on=_days,
    day=st.none() | _days,
    words=st.none() | _labels,
    text=st.none() | st.text(max_size=300),
    leaving=st.none() | st.sampled_from(LeavingKind),
    task_kind=st.none() | st.sampled_from(TaskKind),
)
cards = st.builds(
    Card,
    site_number=_words,
    open_tasks=st.integers(0, 20),
    study=_words,
    code=_words,
    visit=_labels,
    days_left=st.none() | st.integers(0, 400),
    days_late=st.none() | st.integers(1, 4000),
    opens=st.none() | _days,
    due=st.none() | _days,
    closes=st.none() | _days,
    tasks=st.lists(st.builds(CardTask, label=_labels, due=st.none() | _days, day=st.none() | _days), max_size=8).map(
        tuple
    ),
    last=st.none() | _last_words,
    receipt=st.none() | st.builds(Receipt, answer=_last_words, task=st.none() | _labels, at=st.just("08:41")),
    about=st.none() | _labels,
    asked=st.none() | _labels,
    working_days_left=st.none() | st.integers(0, 300),
    days_off=st.lists(_days, max_size=12).map(tuple),
    covering=st.none() | _words,
    place=st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40)),
    asked_for_help=st.none() | st.sampled_from(HelpKind),
    query=st.none() | st.text(max_size=300),
)
_standings = st.sampled_from(Standing)
digests = st.builds(
    Digest,
    site_number=_words,
    study=_words,
    items=st.integers(0, 200),
    late=st.integers(0, 200),
    closing=st.integers(0, 200),
    opening=st.integers(0, 200),
    to_upload=st.integers(0, 200),
    lines=st.lists(
        st.builds(
            DigestLine,
            code=_words,
            visit=_labels,
            standing=_standings,
            due=st.none() | _days,
            late=st.none() | st.integers(1, 4000),
            left=st.none() | st.integers(0, 400),
        ),
        max_size=40,
    ).map(tuple),
    of=st.none() | _words,
    until=st.none() | _days,
)
task_lists = st.builds(
    TaskList,
    site_number=st.none() | _words,
    study=_words,
    today=_days,
    lines=st.lists(
        st.builds(
            ListLine,
            code=_words,
            visit=_labels,
            task=st.none() | _labels,
            standing=_standings,
            opens=st.none() | _days,
            due=st.none() | _days,
            closes=st.none() | _days,
            responsible=st.none() | _words,
        ),
        max_size=40,
    ).map(tuple),
    more=st.integers(0, 100),
    code=st.none() | _words,
)
