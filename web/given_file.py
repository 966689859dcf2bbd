"""A file in a form, as browsers send it (multipart/form-data): fields of text, and one file byte for byte.

Nothing of it touches a disk: a file of a stranger, or of patients by mistake, is gone with the request.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from web.forms import FIELDS_MOST, LONGEST, Form

_KIND: Final = "multipart/form-data"
_DRAINED: Final = 4
"""So many times the limit is taken off the line before a browser is cut off: else it would show no page that says why."""
_NAME_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as it was sent; nothing of it stays anywhere. `name` has no folder; both are empty where none was chosen."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


class FileTooLarge(Exception):
    """More was sent than any file may have: nothing of it was looked at."""


class _Whole(MultiPartParser):
    """One that takes a form to its end, or not at all."""

    spool_max_size = 0  # never to a temporary file on the disk; how much there may be is counted before

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.headers, self._all(body), max_files=1, max_fields=FIELDS_MOST, max_part_size=LONGEST)
        self._ended = False

    def on_end(self) -> None:
        self._ended = True

    async def _all(self, body: bytes) -> AsyncGenerator[bytes, None]:
        yield body
        if not self._ended:
            raise MultiPartException("it was cut off")


async def read_form_with_file(request: Request, *, longest: int) -> tuple[Form, GivenFile] | None:
    """The fields and the one file that were sent, of so many bytes at most; None where it is no such form.

    Raises:
        FileTooLarge: there was more.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        return None
    body = await _body(request, longest + LONGEST)
    try:
        sent = await _Whole(request, body).parse()
    except MultiPartException:
        return None
    try:
        fields = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
        files = [value for value in sent.values() if isinstance(value, UploadFile)]
        if len(files) != 1 or len(fields) + 1 != len(sent.multi_items()):
            return None
        return Form(fields), GivenFile(_plain(files[0].filename or ""), await files[0].read())
    finally:
        await sent.close()


async def _body(request: Request, longest: int) -> bytes:
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= longest:
            body += chunk
        elif size > _DRAINED * longest:
            break
        else:
            body.clear()
    if size > longest:
        raise FileTooLarge
    return bytes(body)


def _plain(name: str) -> str:
    """A file's name without its folder and without what is invisible: it stands on the page, in every problem."""
    last = re.split(r"[\\/]", name)[-1].replace("%22", '"')
    return "".join(letter for letter in last if letter.isprintable())[-_NAME_LONGEST:]
