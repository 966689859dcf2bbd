"""The way to the board: a link, a number that a browser shows, and what came of it."""

from typing import assert_never

from locales.texts import Text, compose, line
from locales.voices import Voice
from trial.messages import BoardAnswered, BoardNumberUnknown, BoardQuestion, BoardWay

_EXAMPLE = "472913"
_HALF = 3


def to_the_board(voice: Voice, message: BoardWay | BoardQuestion | BoardAnswered | BoardNumberUnknown) -> Text:
    match message:
        case BoardWay():
            return _way(voice, message)
        case BoardQuestion():
            return _question(voice, message)
        case BoardAnswered(let_in=let_in):
            return _answered(voice, let_in=let_in)
        case BoardNumberUnknown():
            return _number_unknown(voice)
    assert_never(message)


def _way(voice: Voice, way: BoardWay) -> Text:
    """On this phone, and on a computer. Where no phone can open our pages, on the machine itself."""
    number = voice.say("Then send the number that it shows, for example: %(command)s", command=f"/board {_EXAMPLE}")
    if not way.by_link:
        here = voice.say("A phone cannot open it here: Sitebell's pages are on its own machine alone.")
        there = voice.say("In a browser on that machine, open %(address)s", address=way.address)
        return compose([line("🖥 " + voice.say("The board")), line(here)], [line(there), line(number)])
    return compose(
        [
            line("🖥 " + voice.say("The board")),
            line(voice.say("The link below is for you alone. It signs you in once, within ten minutes.")),
        ],
        [
            line(voice.say("On a computer, open %(address)s", address=way.address)),
            line(number),
        ],
    )


def _question(voice: Voice, asked: BoardQuestion) -> Text:
    shown = {"number": f"{asked.number[:_HALF]} {asked.number[_HALF:]}", "time": asked.asked_at}
    if asked.browser:
        said = voice.say(
            "A browser (%(browser)s), asked at %(time)s, shows %(number)s.", browser=asked.browser, **shown
        )
    else:
        said = voice.say("A browser, asked at %(time)s, shows %(number)s.", **shown)
    return compose(
        [line("🖥 " + said), line(voice.say("Is it in front of you?"))],
        [line(voice.say("If somebody else gave you the number, please say no: they would see what you see."))],
    )


def _answered(voice: Voice, *, let_in: bool) -> Text:
    if let_in:
        said = voice.say("The browser is let in. It opens the board in a moment.")
        instead = voice.say("If that was a mistake, open the board and sign out everywhere, or tell the trial office.")
        return compose([line("🖥 " + said)], [line(instead)])
    return compose([line("🖥 " + voice.say("The browser is kept out. Nothing has changed."))])


def _number_unknown(voice: Voice) -> Text:
    """Always the same, so that nobody learns from it which numbers there are."""
    said = voice.say("No browser waits with this number. Please ask for a new one there.")
    return compose([line("🖥 " + said)])
