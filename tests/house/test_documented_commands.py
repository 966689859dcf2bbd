"""Every command that a document tells people to type is one that there is, with options that it has."""

import re
import shlex
from collections.abc import Iterator
from functools import cache

import pytest
import typer

from app.main import cli
from tests.house.checkout import files

INLINE = re.compile(r"`(sitebell [^`]+)`")
BLOCK = re.compile(r"(?m)^ {4}(.*\bsitebell .+)$")


@cache
def sitebell() -> typer.core.TyperGroup:
    found = typer.main.get_command(cli)
    assert isinstance(found, typer.core.TyperGroup)
    return found


def documented() -> list[tuple[str, str]]:
    return [
        (name, command)
        for name, text in files().items()
        if name.endswith(".md") and not name.startswith("docs/decisions/")
        for command in commands_in(text)
    ]


def commands_in(text: str) -> list[str]:
    """Whole commands, lines that go on put together and comments left out."""
    whole = re.sub(r"\\\n\s*", "", text)
    typed = [part.strip() for line in BLOCK.findall(whole) for part in re.split(r"&&|\s#\s", line)]
    inline = [" ".join(command.split()) for command in INLINE.findall(re.sub(r"\n(?!\n)", " ", whole))]
    return [command for command in (*typed, *inline) if command.startswith("sitebell ")]


def wrong_with(command: str) -> Iterator[str]:
    """Words that are no command, and options that it does not have."""
    found = sitebell()
    words = shlex.split(command)[1:]
    while words and not words[0].startswith("-") and isinstance(found, typer.core.TyperGroup):
        if words[0] not in found.commands:
            yield words[0]
            return
        found = found.commands[words.pop(0)]
    options = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)}
    yield from (word for word in words if word.startswith("--") and word not in {*options, "--help"})


@pytest.mark.parametrize(("name", "command"), documented())
def test_what_a_document_tells_people_to_type_can_be_typed(name, command):
    assert list(wrong_with(command)) == []


def test_the_documents_are_full_of_commands():
    assert len(documented()) > 60


def test_a_command_that_is_not_there_would_be_found():
    page = "Type `sitebell fly --high`, or\n\n    cd x && sitebell site add --numbr 7 \\\n        --name Osaka  # soon\n\n`sitebell\nrun`"
    commands = commands_in(page)

    assert sorted(commands) == ["sitebell fly --high", "sitebell run", "sitebell site add --numbr 7 --name Osaka"]
    assert [list(wrong_with(command)) for command in sorted(commands)] == [["fly"], [], ["--numbr"]]
