"""The files of this checkout, as the rules see them."""

import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "bot", "charts", "locales", "office", "records", "rehearsal", "scheduler", "simulator", "trial", "web")
NOT_OURS = {"LICENSE"}
NO_TEXT = {".png", ".webp", ".ico", ".woff2", ".db"}


@cache
def files() -> Mapping[str, str]:
    """Every text file of the project by its path: tracked ones, and new ones that git does not ignore."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    wanted = [name for name in listed if name and name not in NOT_OURS and Path(name).suffix not in NO_TEXT]
    return {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in wanted if (CHECKOUT / name).is_file()}


def sources(*rooms: str) -> Iterator[tuple[str, str]]:
    """Python files of these rooms; of the whole checkout if none is named."""
    for name, text in files().items():
        if name.endswith(".py") and (not rooms or name.split("/")[0] in rooms):
            yield name, text
