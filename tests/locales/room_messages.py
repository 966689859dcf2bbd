"""One of each kind of message that the ladder, the lists and the trial office bring, with everything there and missing."""

from collections.abc import Iterator
from datetime import date
from itertools import product

from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.labels import labels
from trial.messages import (
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    BoardAnswered,
    BoardNumberUnknown,
    BoardQuestion,
    BoardWay,
    CoverAsked,
    Digest,
    DigestKind,
    DigestLine,
    Gap,
    HelpClosed,
    HelpNeeded,
    HoursQuestion,
    ItemKind,
    ItemState,
    Kept,
    KeptOut,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    ListKind,
    ListLine,
    Meant,
    Message,
    NoSuchSite,
    NothingToExplain,
    OfficeItem,
    OfficeNews,
    OverdueList,
    SiteBrief,
    SiteStanding,
    Standing,
    StudyBrief,
    TaskList,
    TaskOnlyCard,
    TaskOnlyDigest,
    WhichMeant,
    WhichPatient,
    WhyThis,
)
from trial.responsibility import WhyTold
from trial.study import NUDGE, Step
from trial.tasks import TaskKind

STUDY = "Ω"  # in no word of any language
CODE = "Q-7"
VISIT = labels("Vx", ja="Vy")
TASK = labels("Tx", ja="Ty")
DAY = date(2027, 4, 12)
LATER = date(2027, 4, 23)
SITE = "1"
BY = "A"


def digest_line(**fields: object) -> DigestLine:
    usual = {"code": CODE, "visit": VISIT, "standing": Standing.DUE, "due": DAY, "late": None, "left": 4}
    return DigestLine(**(usual | fields))  # type: ignore[arg-type]


def digest(**fields: object) -> Digest:
    usual = {
        "why": DigestKind.WEEKLY,
        "site_number": SITE,
        "study": STUDY,
        "items": 1,
        "late": 0,
        "closing": 0,
        "opening": 0,
        "to_upload": 0,
        "lines": (digest_line(),),
    }
    return Digest(**(usual | fields))  # type: ignore[arg-type]


def list_line(**fields: object) -> ListLine:
    usual = {
        "code": CODE,
        "visit": VISIT,
        "task": TASK,
        "standing": Standing.DUE,
        "opens": DAY,
        "due": DAY,
        "closes": LATER,
        "responsible": BY,
    }
    return ListLine(**(usual | fields))  # type: ignore[arg-type]


def site_standing(**fields: object) -> SiteStanding:
    usual = {"number": SITE, "name": "H", "late": 2, "oldest_days": 41, "last_heard": DAY, "reachable": 1}
    return SiteStanding(**(usual | fields))  # type: ignore[arg-type]


def why_this(**fields: object) -> WhyThis:
    usual = {
        "study": STUDY,
        "version": "4.1",
        "code": CODE,
        "visit": VISIT,
        "task": TASK,
        "step": Step.LATE,
        "why": WhyTold.RESPONSIBLE,
        "instead_of": None,
        "rule": "closes + 3wd",
        "unverified": True,
        "opens": DAY,
        "due": DAY,
        "closes": LATER,
        "others": (BY,),
    }
    return WhyThis(**(usual | fields))  # type: ignore[arg-type]


def leaving_to_confirm(**fields: object) -> LeavingToConfirm:
    usual = {
        "study": STUDY,
        "site_number": SITE,
        "code": CODE,
        "told": LeavingKind.WITHDRAWN,
        "told_by": BY,
        "told_on": DAY,
        "confirming": None,
        "attempts": (),
    }
    return LeavingToConfirm(**(usual | fields))  # type: ignore[arg-type]


def every_room_message() -> Iterator[Message]:
    """Every kind of the whole ladder, with every member of every enum, and with what may be missing."""
    yield from _digests()
    yield from _task_only()
    yield from _lists()
    yield from _own_time()
    yield from _explanations()
    yield from _office()


def _digests() -> Iterator[Message]:
    for why, of, until in product(DigestKind, (BY, None), (LATER, None)):
        yield digest(why=why, of=of, until=until)
        yield digest(why=why, items=0, lines=())
        yield digest(why=why, items=30, late=1, closing=2, opening=3, to_upload=4, lines=(digest_line(),) * 12)
    for standing, due in product(Standing, (DAY, None)):
        for late, left in ((None, None), (41, None), (None, 0), (None, 1), (None, 5)):
            yield digest(lines=(digest_line(standing=standing, due=due, late=late, left=left),))
            if left is not None:
                for working, off in product((0, 1, 5), ((), (DAY,))):
                    yield digest(
                        lines=(digest_line(standing=standing, left=left, working_days_left=working, days_off=off),)
                    )


def _task_only() -> Iterator[Message]:
    for state, again, covering, place in product(ItemState, (True, False), (BY, None), ((1, 3), None)):
        yield TaskOnlyCard(SITE, 1, state, again, covering, place)
        yield TaskOnlyCard(SITE, 0, state, again, covering, place)
        yield TaskOnlyCard(SITE, 3, state, again, covering, place)
    for why, of, count in product(DigestKind, (BY, None), (0, 1, 5)):
        yield TaskOnlyDigest(why, SITE, 5, count, count, count, count, of)
    yield from (KeptOut(what, site) for what, site in product(Kept, (SITE, None)))


def _lists() -> Iterator[Message]:
    for which, site, code, more in product(ListKind, (SITE, None), (CODE, None), (0, 1, 7)):
        for lines in ((), (list_line(),), (list_line(task=None, responsible=None),) * 20):
            yield TaskList(which, site, STUDY, DAY, lines, more, code)
    for standing, opens, due, closes in product(Standing, (DAY, None), (DAY, None), (LATER, None)):
        line = list_line(standing=standing, opens=opens, due=due, closes=closes)
        yield TaskList(ListKind.WEEK, SITE, STUDY, DAY, (line,), 0)
    yield WhichPatient(STUDY)
    yield WhichMeant((Meant(VISIT, CODE, day=DAY),))
    for answer, task_kind, tasks in product(
        (AnswerKind.DONE, AnswerKind.UPLOADED, AnswerKind.BOOKED, AnswerKind.LATER, None), TaskKind, ((), (TASK,) * 2)
    ):
        yield WhichMeant((Meant(VISIT, CODE, answer, DAY, code=CODE, visit=VISIT, tasks=tasks, task_kind=task_kind),))
    yield WhichMeant((Meant(VISIT, CODE), Meant(TASK, CODE)))
    for late, oldest, heard, reachable, name in product((0, 1, 5), (1, 41, None), (DAY, None), (0, 2), ("H", "")):
        site = site_standing(late=late, oldest_days=oldest, last_heard=heard, reachable=reachable, name=name)
        yield OverdueList(STUDY, DAY, (site,), 0)
        yield SiteBrief(STUDY, DAY, site, 1, 2, (BY, "B"), (list_line(),), 1)
    yield OverdueList(STUDY, DAY, (), 0)
    yield OverdueList(STUDY, DAY, (site_standing(),) * 30, 3)
    yield SiteBrief(STUDY, DAY, site_standing(), 0, 0, (), (), 0)
    yield NoSuchSite(STUDY)
    for number, silent in product((0, 1, 5), ((), (SITE,), (SITE, "2", "3"))):
        yield StudyBrief(STUDY, DAY, number, number, number, number, silent)


def _own_time() -> Iterator[Message]:
    yield from (BoardWay(), BoardWay("http://127.0.0.1:8080"), BoardWay("https://board.example.org", by_link=True))
    yield from (BoardQuestion("472913", browser, "08:31") for browser in ("Chrome · Linux", ""))
    yield from (BoardAnswered(let_in=True), BoardAnswered(let_in=False), BoardNumberUnknown())
    yield from (AwayUntil(), BackAgain(), LanguageQuestion(), Gap())
    for last, cover, items in product((DAY, LATER, date(2028, 1, 3)), (BY, None), (0, 1, 5)):
        yield AwayCover(DAY, last)
        yield AwaySet(DAY, last, cover, items)
        yield CoverAsked(BY, DAY, last)
    for quiet, weekly in product((("12:00", "13:00"), None), (True, False)):
        yield HoursQuestion("08:30", "17:00", quiet, weekly)


def _explanations() -> Iterator[Message]:
    yield NothingToExplain()
    for step, why, instead_of in product(Step, WhyTold, (BY, None)):
        yield why_this(step=step, why=why, instead_of=instead_of, unverified=instead_of is None)
    for why in WhyTold:
        yield why_this(step=NUDGE, rule="", why=why, unverified=False)
    for rule in ("opens", "due", "closes - 1d", "due + 2w", "opens + 1mo", "closes + 2y", "closes + 10wd", "other"):
        yield why_this(rule=rule, others=(), task=None)
    for digest, why, instead_of, until in product(DigestKind, WhyTold, (BY, None), (None, LATER)):
        told = {"why": why, "instead_of": instead_of, "until": until, "others": ()}
        yield why_this(step="", rule="", digest=digest, unverified=False, **told)
    for opens, due, closes, task in product((DAY, None), (DAY, LATER, None), (LATER, None), (TASK, None)):
        yield why_this(opens=opens, due=due, closes=closes, task=task)


def _office() -> Iterator[Message]:
    for what, site, code, visit in product(ItemKind, (SITE, None), (CODE, None), (VISIT, None)):
        bare = OfficeItem(what, site, code, visit)
        full = OfficeItem(what, site, code, visit, name=BY, days=3, help=HelpKind.CALL_ME, day=DAY)
        yield OfficeNews(STUDY, (bare, full), 0)
    yield OfficeNews(STUDY, (OfficeItem(ItemKind.TICK_MISSING, None),) * 40, 4)
    for kind in HelpKind:
        yield HelpNeeded(STUDY, SITE, CODE, VISIT, kind, BY)
    yield HelpClosed(STUDY, SITE, CODE, VISIT)
    for told, confirming, attempts in product(LeavingKind, (*LeavingKind, None), ((), (DAY,), (DAY, LATER))):
        yield leaving_to_confirm(told=told, confirming=confirming, attempts=attempts)
    for kind in LeavingKind:
        yield LeavingConfirmed(STUDY, SITE, CODE, kind, DAY, BY)
    yield LeavingTakenBack(STUDY, SITE, CODE, BY)
