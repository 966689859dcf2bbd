"""What is left until a window closes, or past since: for the card, the nudge and the digest alike.

Today is not counted, the last day is: on a Monday "2 days left", or "2 working days left", are Tuesday and Wednesday.
"""

from collections.abc import Sequence
from datetime import date

from locales.texts import Line, Strong, line
from locales.voices import Voice

FEW_WORKING_DAYS = 5
"""From here on what is left is counted in working days, because weekends are no help any more."""

_DAYS_OFF_NAMED = 3
"""More days off than this are counted instead of named."""


def left_or_past(
    voice: Voice,
    days_left: int | None,
    *,
    days_late: int | None,
    has_window: bool,
    working_days_left: int | None = None,
    days_off: Sequence[date] = (),
) -> Strong | str | None:
    """What stands beside the dates; None where `days_off_line` says it."""
    if days_late is not None:
        return Strong(voice.say_count("%(count)s day past", "%(count)s days past", count=days_late))
    if days_left is None:
        return None
    if days_left == 0:
        return Strong(voice.say("closes today") if has_window else voice.say("due today"))
    if days_off and working_days_left is not None:
        return None
    return still_left(voice, days_left, working_days_left=working_days_left)


def still_left(
    voice: Voice, days_left: int, *, working_days_left: int | None = None, days_off: Sequence[date] = ()
) -> str:
    """How many days are left, in working days where few are or where somebody might count a day off."""
    if working_days_left is None or (working_days_left > FEW_WORKING_DAYS and not days_off):
        return voice.say_count("%(count)s day left", "%(count)s days left", count=days_left)
    return _working_days(voice, working_days_left)


def days_off_line(
    voice: Voice, days_left: int | None, *, working_days_left: int | None, days_off: Sequence[date]
) -> Line:
    """Days off before the end and what they leave: "Thu 29 Apr is a day off: 2 working days left"; empty without any."""
    if not days_off or not days_left or working_days_left is None:
        return line()
    left = _working_days(voice, working_days_left)
    if len(days_off) > _DAYS_OFF_NAMED:
        return line(
            voice.say_count(
                "%(count)s day off in between: %(left)s",
                "%(count)s days off in between: %(left)s",
                count=len(days_off),
                left=left,
            )
        )
    return line(
        voice.say_count(
            "%(days)s is a day off: %(left)s",
            "%(days)s are days off: %(left)s",
            count=len(days_off),
            days=voice.listed(map(voice.day, days_off)),
            left=left,
        )
    )


def _working_days(voice: Voice, count: int) -> str:
    if count == 0:
        return voice.say("no working day left after today")
    return voice.say_count("%(count)s working day left", "%(count)s working days left", count=count)
