"""The board, from the chat: how to get there, and whether a browser is one's own."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class BoardWay:
    """Where the board is. `by_link`: the button below leads there; else no phone can open our pages.

    Stored without either: the link is made when the message is sent.
    """

    address: str = ""
    by_link: bool = False
    kind: Literal["board_way"] = "board_way"


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """A browser shows this number: is it in front of you? The buttons are yes and no.

    `browser`: its family and system as it names them, in letters that are the same everywhere; empty where it names none.
    `asked_at`: by the reader's clock.
    """

    number: str
    browser: str
    asked_at: str
    kind: Literal["board_question"] = "board_question"


@dataclass(frozen=True, slots=True)
class BoardAnswered:
    """What was said of the browser."""

    let_in: bool
    kind: Literal["board_answered"] = "board_answered"


@dataclass(frozen=True, slots=True)
class BoardNumberUnknown:
    """The constant answer to a number that is wrong, expired, decided before, or one too many."""

    kind: Literal["board_number_unknown"] = "board_number_unknown"
