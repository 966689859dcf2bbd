"""What a page's form sent, read without guessing: what does not fit is no answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request

from office.item_page import Given
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said

LONGEST = 4096
"""Bytes of a form: a reason of 300 characters and what stands beside it fit in twice."""
FIELDS_MOST = 12
_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one form, each once. They may hold somebody's own words: never printed."""

    fields: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def identity(self, name: str) -> UUID | None:
        try:
            return UUID(self[name])
        except ValueError:
            return None

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self[name])
        except ValueError:
            return None


async def read_form(request: Request, *, longest: int = LONGEST, fields_most: int = FIELDS_MOST) -> Form | None:
    """The form that was sent; None where it is none, too long (bytes as they are sent) or not readable."""
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != _TYPE:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            return None
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=fields_most,
            errors="strict",
            strict_parsing=True,
        )
    except ValueError:
        return None
    fields = dict(pairs)
    return Form(fields) if len(fields) == len(pairs) else None


def given_in(form: Form) -> Given | None:
    """The answer that a form holds; None where something of it is missing or unknown."""
    task, kind = form.identity("task"), _kind(form["kind"])
    said = None if kind is None else _said(kind, form)
    return None if task is None or kind is None or said is None else Given(task, kind, said)


def _kind(word: str) -> AnswerKind | None:
    try:
        return AnswerKind(word)
    except ValueError:
        return None


def _said(kind: AnswerKind, form: Form) -> Said | None:
    match kind:
        case AnswerKind.DONE | AnswerKind.BOOKED | AnswerKind.UPLOADED:
            day = form.day("day")
            return None if day is None else Said(day=day)
        case AnswerKind.LATER:
            until = form.day("day")
            return None if until is None else Said(until=until)
        case AnswerKind.NOT_DONE | AnswerKind.NOT_APPLICABLE:
            words = " ".join(form["words"].split())
            if form["reason"]:
                return Said(reason=form["reason"])
            return Said(text=words) if words else None
        case AnswerKind.STATED:
            return Said(value=form["value"]) if form["value"] else None
        case AnswerKind.NO_LONGER_FOLLOWED:
            leaving = form["leaving"]
            return Said(leaving=LeavingKind(leaving)) if leaving in set(LeavingKind) else None
        case AnswerKind.NEED_HELP:
            wanted = form["help"]
            return Said(help=HelpKind(wanted)) if wanted in set(HelpKind) else None
        case AnswerKind.UNDO:
            return None
