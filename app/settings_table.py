"""The table of `docs/settings.md`, written from the settings' own definition: `python -m app.settings_table`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.settings import SETTINGS, Setting

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
BEGINS: Final = "<!-- The table below is written by `python -m app.settings_table`. -->\n\n"
ENDS: Final = "\n<!-- Up to here. -->\n"


class MarksMissing(ValueError):
    """The page does not say, with both marks and in their order, where the table belongs."""


def settings_table(settings: Iterable[Setting] = SETTINGS) -> str:
    """One row for each setting, in Markdown."""
    rows = (f"| `{one.name}` | {one.purpose} | {_default(one)} |\n" for one in settings)
    return "".join(["| setting | what it is for | default |\n", "|---|---|---|\n", *rows])


def with_table(page: str, table: str) -> str:
    """The page with this table between its marks.

    Raises:
        MarksMissing: there is no one place for it.
    """
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        raise MarksMissing(MarksMissing.__doc__)
    return before + begins + table + ends + after


def _default(setting: Setting) -> str:
    return f"`{setting.default}`" if setting.default else ""


def main() -> int:
    """Bring the page up to date.

    Returns:
        the exit code: 0.
    """
    page = PAGE.read_text(encoding="utf-8")
    wanted = with_table(page, settings_table())
    if wanted != page:
        PAGE.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"docs/settings.md: {'as it was' if wanted == page else 'brought up to date'}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
