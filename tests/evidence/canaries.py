"""Values that are like nothing else, let loose in a trial and looked for afterwards, in every way they could be written."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

TOKEN = "7700998877:Canary-Token-00000000000000000000000"  # a test's own
CODES = ("417-973", "417-974")
COORDINATOR, COLLEAGUE, MANAGER, STRANGER = "Zinnia-Canary", "Yarrow-Canary", "Quillon-Canary", "Vetch-Canary"
CHATS = {COORDINATOR: 77001122334, COLLEAGUE: 77001122445, MANAGER: 77001122556, STRANGER: 77001122667}
REASON = "Canary reason: the scanner stood still"
QUESTION = "Canary question, asked without being asked"
BLOCKED = "Canary blocked: born 14.02.1961, call +32 470 12 34 56"
FORBIDDEN = "Canary of a stranger"
CAPTION = "Canary under a photo"
POISON = "Canary in poison"

CANARIES = (
    TOKEN.partition(":")[2],
    *CODES,
    *CHATS,
    *map(str, CHATS.values()),
    REASON,
    QUESTION,
    BLOCKED,
    FORBIDDEN,
    CAPTION,
    POISON,
)


def written_as(text: str) -> set[bytes]:
    """The ways in which a text, or a number, could stand in a file."""
    plain = text.encode()
    forms = {plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode(), quote(text).encode()}
    forms.add(json.dumps(text)[1:-1].encode())
    for shift in range(3):
        # Inside a longer text base64 begins at any of three places; the characters at its ends belong to the neighbours.
        encoded = base64.b64encode(bytes(shift) + plain)
        forms.add(encoded[4 if shift else 0 : -4])
    if text.isdigit():
        number = int(text)
        # A clear column: eight bytes on PostgreSQL, six in a record of SQLite.
        forms |= {number.to_bytes(8, "big"), number.to_bytes(8, "little"), number.to_bytes(6, "big")}
    return forms


FORMS = {canary: written_as(canary) for canary in CANARIES}


def found_in(content: bytes | str) -> list[str]:
    searched = content.encode() if isinstance(content, str) else content
    return [canary for canary, forms in FORMS.items() if any(form in searched for form in forms)]


def found_in_files(files: Iterable[Path]) -> dict[str, list[str]]:
    """Which canaries stand in which of these files."""
    return found_in_contents((file.name, file.read_bytes()) for file in files)


def found_in_contents(contents: Iterable[tuple[str, bytes]]) -> dict[str, list[str]]:
    """Which canaries stand in which of these contents, by their names."""
    # Servers make their files long before they fill them: of the zeros at the end, as many as a number could hold.
    found = {name: found_in(content.rstrip(b"\0") + bytes(8)) for name, content in contents}
    return {name: canaries for name, canaries in found.items() if canaries}
