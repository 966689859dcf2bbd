"""Prints what the phones of a simulated study showed, to be read by a person.

    python -m tests.simulation.transcripts SEED                  whose phones there are
    python -m tests.simulation.transcripts SEED Amina@607        everything that this phone showed, and what was answered

`--years`, `--patients` (for each site and year) and `--edits` (cards that changed in place, too).
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from records.key_providers import KeyText, new_key_text
from records.migrations import upgrade
from tests.databases import Place
from tests.simulation.phones import SAID, transcript
from tests.simulation.places import Somebody
from tests.simulation.studies import THIN, YEARS
from tests.simulation.world import Scale, World


def main() -> None:
    """Reads the words of the command line."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation.transcripts")
    words.add_argument("seed", type=int)
    words.add_argument("phone", nargs="?", default="", help="NAME@SITE, or NAME of somebody of the trial office")
    words.add_argument("--years", type=float, default=YEARS)
    words.add_argument("--patients", type=float, default=THIN.patients)
    words.add_argument("--edits", action="store_true")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(new_database(Path(folder)), Scale(given.years, patients=given.patients), seed=given.seed)
        world.judge.keeps_going = True
        world.run()
        everybody = list(world.judge.people.values())
        chosen = [one for one in everybody if given.phone in {_named(one), one.name}]
        for somebody in chosen:
            print(transcript(somebody, world.phones.shown, edits=given.edits))
        for somebody in everybody if not chosen else ():
            shown = world.phones.shown.get(somebody.chat, ())
            new = [message for message in shown if message.replaces is None and message.kind != SAID]
            print(f"{_named(somebody):20} {somebody.role.value:13} {somebody.habit.name:8} {len(new):5} messages")
        for broken in world.judge.broken:
            print(broken)
        world.close()


def new_database(folder: Path) -> Place:
    """An empty database of its own, with a key that nobody keeps."""
    place = Place(f"sqlite:///{folder / 'sitebell.db'}", KeyText(new_key_text(), source="a transcript"), folder)
    upgrade(place.url, keys=place.keys, data_dir=folder, demo=False, now=datetime(2026, 1, 5, 8, 0, tzinfo=UTC))
    return place


def _named(somebody: Somebody) -> str:
    return somebody.name if somebody.place is None else f"{somebody.name}@{somebody.place.number}"


if __name__ == "__main__":
    main()
