"""A served board with browsers in front of it: links made as the bot makes them, numbers approved as in the chat."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx

from office import signing_in
from tests.office.vocabulary import Trial
from tests.web.conftest import served

COOKIE = "sitebell-board"
PATIENCE_S = 30.0  # the first picture of a process takes a while
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_NUMBER = re.compile(r"/board ([0-9]{6})")


@dataclass(slots=True)
class Doors:
    """The board of a trial, at this address."""

    trial: Trial
    address: str

    def browser(self, **headers: str) -> httpx.Client:
        """Somebody's browser, with nothing in it."""
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE_S)

    def link(self, person: UUID) -> str:
        token = self.trial.does(signing_in.make_login_link, person, by=person)
        assert token is not None
        return f"/sign-in/{token}"

    @contextmanager
    def as_(self, person: UUID, **headers: str) -> Iterator[httpx.Client]:
        """A browser in which this person has used a fresh link."""
        with self.browser(**headers) as http:
            answer = http.post(self.link(person))
            assert (answer.status_code, answer.headers["Location"]) == (303, "/")
            yield http

    def approve(self, number: str, person: UUID) -> None:
        """Names the number in the chat and says yes."""
        found = self.trial.does(signing_in.look_at_number, number, person_id=person)
        assert found is not None
        assert self.trial.does(signing_in.approve, found.id, person_id=person)

    def refuse(self, number: str, person: UUID) -> None:
        found = self.trial.does(signing_in.look_at_number, number, person_id=person)
        assert found is not None
        assert self.trial.does(signing_in.refuse, found.id, person_id=person)


@contextmanager
def doors_of(trial: Trial, *, secure: bool = False) -> Iterator[Doors]:
    with served(trial, lambda: None, secure=secure) as address:
        yield Doors(trial, address)


def csrf_in(answer: httpx.Response) -> str:
    """The token that the forms of a page carry."""
    assert answer.status_code == 200, answer.status_code
    found = _CSRF.search(answer.text)
    assert found is not None
    return found[1]


def number_in(answer: httpx.Response) -> str:
    found = _NUMBER.search(answer.text)
    assert found is not None
    return found[1]
