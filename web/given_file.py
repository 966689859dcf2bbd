"""A file in a form, as browsers send it (multipart/form-data): fields of text, and one file byte for byte.

Read by the few rules that HTML gives browsers for writing it, and refused otherwise. The boundary never stands in what it
parts (RFC 2046 5.1.1), so dividing there is exact, takes the time of one look at every byte, and nests nothing.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request

from web.forms import FIELDS_MOST, LONGEST, Form

_TYPE: Final = re.compile(r'multipart/form-data; *boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_DISPOSITION: Final = re.compile(
    r'content-disposition: *form-data; *name="([^"\r\n]{1,100})"(?:; *filename="([^"\r\n]*)")?', re.IGNORECASE
)
_HEAD_LONGEST: Final = 2_000
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


async def read_form_with_file(request: Request, *, longest: int) -> tuple[Form, GivenFile] | None:
    """The fields and the one file that were sent, of so many bytes at most; None where it is no such form.

    Raises:
        FileTooLarge: there was more.
    """
    kind = _TYPE.fullmatch(request.headers.get("content-type", ""))
    if kind is None:
        return None
    body = await _body(request, longest + LONGEST)
    parts = _parts(body, (kind[1] or kind[2]).encode("latin-1"))
    if parts is None:
        return None
    fields: dict[str, str] = {}
    files: list[GivenFile] = []
    for name, file_name, content in parts:
        if file_name is not None:
            files.append(GivenFile(_plain(file_name), content))
        elif name in fields:
            return None
        else:
            try:
                fields[name] = content.decode("utf-8")
            except UnicodeDecodeError:
                return None
    return (Form(fields), files[0]) if len(files) == 1 else None


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


def _parts(body: bytes, boundary: bytes) -> list[tuple[str, str | None, bytes]] | None:
    """Name, file name and content of each part."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, FIELDS_MOST + 2)
    if len(pieces) < 3 or pieces[0] or pieces[-1] not in {b"--", b"--\r\n"}:
        return None
    found = []
    for piece in pieces[1:-1]:
        end = piece.find(b"\r\n\r\n", 0, _HEAD_LONGEST)
        disposition = None if end < 0 or not piece.startswith(b"\r\n") else _disposition(piece[:end])
        if disposition is None:
            return None
        found.append((*disposition, piece[end + 4 :]))
    return found


def _disposition(head: bytes) -> tuple[str, str | None] | None:
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        return None
    found = next((match for line in lines if (match := _DISPOSITION.fullmatch(line))), None)
    return None if found is None else (found[1], found[2])


def _plain(name: str) -> str:
    """A file's name without its folder and without what is invisible: it stands on the page, in every problem."""
    last = re.split(r"[\\/]", name)[-1].replace("%22", '"')
    return "".join(letter for letter in last if letter.isprintable())[-_NAME_LONGEST:]
