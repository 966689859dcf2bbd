"""Who stands at the door: the person behind a session, as the routes of all pages are given them."""

from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request

from office.board.viewer import Viewer
from web.forms import FIELDS_MOST, LONGEST, Form
from web.given_file import GivenFile


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has signed in. `csrf` stands in every form that they are shown."""

    viewer: Viewer
    csrf: str = field(repr=False)


class SignInFirst(Exception):
    """Nobody is signed in here: the page is shown after signing in."""


class NotFromHere(Exception):
    """A form that was not sent from one of our own pages, or that is none: nothing has changed."""


class Door(Protocol):
    """Lets people in (`web/board/sessions.py`)."""

    async def visitor(self, request: Request) -> Visitor:
        """Who asks, with the rights of this moment.

        Raises:
            SignInFirst: nobody who is signed in.
        """

    async def posted(
        self, request: Request, *, longest: int = LONGEST, fields_most: int = FIELDS_MOST
    ) -> tuple[Visitor, Form]:
        """Who sent a form from one of our pages, and what it holds: so many bytes and fields at most.

        Raises:
            SignInFirst: nobody who is signed in.
            NotFromHere: it was not sent from our page.
        """

    async def posted_file(self, request: Request, *, longest: int) -> tuple[Visitor, Form, GivenFile]:
        """The same of a form with one file, of so many bytes at most.

        Raises:
            SignInFirst: nobody who is signed in.
            NotFromHere: it was not sent from our page.
            FileTooLarge: it was more.
        """
