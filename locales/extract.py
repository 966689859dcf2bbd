"""`python -m locales.extract` brings template and catalogues up to date with the code; `--check` only says whether they are.

English is filled in from the code. Other languages keep what they have: a new message stands there empty and is refused
until somebody translates it, one that nothing says any more is taken out, and nothing is guessed. No dates or addresses
are written, so that a file changes only when words do.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from locales.catalogues import (
    FOLDER,
    SOURCE_LANGUAGE,
    catalogue_languages,
    catalogue_path,
    read_catalogue,
    template_path,
)

TEMPLATES = FOLDER.parent / "web" / "templates"
"""The board's pages: their words stand where they are read."""

_KEYWORDS = {"say": (1,), "say_count": (1, 2), "phrase": ((1, "c"), 2)}
_COMMENTS = ["Translators:"]
_OF_TEMPLATES = {
    "**.html": {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"},
}
_HEADER = "# Words of Sitebell. How to translate them: docs/translating.md"
_NO_DATES_OR_ADDRESSES = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Generated-By):.*\n',
    re.MULTILINE,
)


def template(code: Path = FOLDER, pages: Path = TEMPLATES) -> Catalog:
    """Every message of our code and of the board's templates, with the files that say it."""
    catalogue = Catalog(project="Sitebell", version="1", header_comment=_HEADER, charset="utf-8", fuzzy=False)
    said = extract_from_dir(code, keywords=_KEYWORDS, comment_tags=_COMMENTS, strip_comment_tags=True)
    shown = extract_from_dir(
        pages, [("**.html", "jinja2")], _OF_TEMPLATES, comment_tags=_COMMENTS, strip_comment_tags=True
    )
    for folder, found in (("locales", said), ("web/templates", shown)):
        for name, number, words, comments, context in sorted(found, key=lambda message: message[:2]):
            catalogue.add(words, None, [(f"{folder}/{name}", number)], auto_comments=comments, context=context)
    return catalogue


def updated(catalogue: Catalog, language: str, new: Catalog) -> Catalog:
    """The same translations for the messages of today."""
    catalogue.update(new, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    if language == SOURCE_LANGUAGE:
        for message in catalogue:
            if message.id:
                message.string = message.id
    return catalogue


def written(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=120, include_lineno=False, ignore_obsolete=True)
    return _NO_DATES_OR_ADDRESSES.sub(b"", file.getvalue())


def files(folder: Path = FOLDER, *, code: Path = FOLDER) -> Iterator[tuple[Path, bytes]]:
    """Each file of the folder as it should be."""
    new = written(template(code))
    yield template_path(folder), new
    for language in catalogue_languages(folder):
        path = catalogue_path(language, folder)
        # Read anew for each language: Babel's update shares the message objects of what it updates from.
        yield path, written(updated(read_catalogue(path, language), language, read_po(io.BytesIO(new))))


def stale(folder: Path = FOLDER, *, code: Path = FOLDER) -> tuple[tuple[Path, bytes], ...]:
    """The files that are not as they should be, with what they should hold."""
    return tuple(
        (path, content)
        for path, content in files(folder, code=code)
        if not path.exists() or path.read_bytes() != content
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m locales.extract", description="Update the catalogues.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is not up to date")
    check: bool = parser.parse_args(arguments).check
    found = stale()
    for path, content in found:
        if not check:
            path.write_bytes(content)
        sys.stdout.write(f"{path.relative_to(FOLDER.parent)} {'is not up to date' if check else 'written'}\n")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
