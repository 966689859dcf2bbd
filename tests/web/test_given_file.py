"""A form with a file, read back from what a client writes: byte for byte, or not at all."""

import asyncio

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from web.forms import Form
from web.given_file import FileTooLarge, GivenFile, read_form_with_file

MANY = 1_000
KIND = "multipart/form-data; boundary=b"
FIELD = 'Content-Disposition: form-data; name="csrf"\r\n\r\nx'
FILE = 'Content-Disposition: form-data; name="file"; filename="a.yaml"\r\n\r\ny'


def read(body: bytes, kind: str, *, longest: int = MANY, piece: int = 7) -> tuple[Form, GivenFile] | None:
    pieces = [body[at : at + piece] for at in range(0, len(body), piece)] or [b""]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return asyncio.run(read_form_with_file(Request(scope, receive), longest=longest))


def body_of(*parts: str, end: str = "--b--\r\n") -> bytes:
    return ("".join(f"--b\r\n{part}\r\n" for part in parts) + end).encode()


@settings(max_examples=50)
@given(content=st.binary(max_size=60), name=st.text('ab.é "試験', min_size=1, max_size=9), word=st.text(max_size=9))
@example(content=b"\r\n--\r\n\r\n\x1a\r", name='試験".yaml', word="\r\n")
def test_a_file_comes_out_as_it_went_in(content: bytes, name: str, word: str):
    sent = httpx.Request("POST", "http://here", data={"step": word}, files={"file": (name, content)})

    found = read(sent.read(), sent.headers["Content-Type"])

    assert found == (Form({"step": word}), GivenFile(name, content))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (body_of(FIELD, FILE), "application/x-www-form-urlencoded"),
        (body_of(FIELD, FILE), "multipart/form-data"),
        (body_of(FIELD, FILE), "multipart/mixed; boundary=b"),
        (body_of(FIELD), KIND),  # no file
        (body_of(FILE, FILE), KIND),  # two
        (body_of(FIELD, FIELD, FILE), KIND),  # a field twice
        (body_of(*[FIELD.replace("csrf", f"f{number}") for number in range(20)], FILE), KIND),
        (body_of(FIELD, FILE, end=""), KIND),  # cut off
        (b"before" + body_of(FIELD, FILE), KIND),
        (body_of("no head", FILE), KIND),
        (body_of("X: y\r\n\r\nz", FILE), KIND),
        (b"", KIND),
    ],
)
def test_what_no_browser_sends_is_no_form(body: bytes, kind: str):
    assert read(body, kind) is None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("C:\\folder\\two.yaml", "two.yaml"),
        ("../../etc/two.yaml", "two.yaml"),
        ("t\u202ewo.yaml", "two.yaml"),
        ("", ""),
    ],
)
def test_a_name_loses_its_folder_and_what_is_invisible(sent: str, shown: str):
    found = read(body_of(FIELD, FILE.replace("a.yaml", sent)), KIND)

    assert found is not None
    assert found[1].name == shown


def test_a_name_says_nothing_in_a_traceback():
    assert "secret" not in repr(GivenFile("secret.yaml", b"secret"))


@pytest.mark.parametrize("times", [6, 60])
def test_more_than_a_file_may_have_is_not_looked_at(times: int):
    with pytest.raises(FileTooLarge):
        read(b"x" * (MANY * times), KIND, piece=500)
