"""Which studies are simulated, where nobody has asked for others."""

from typing import Final

from tests.databases import Place
from tests.simulation.judge import Judge
from tests.simulation.world import Scale, World

YEARS: Final = 4.0
"""The length of one study: long enough for patients to go all the way to two years after their surgery."""

THIN: Final = Scale(years=YEARS, patients=0.025)
"""Thirty sites of which most are quiet: so that many years fit into a test run."""

BUSY: Final = Scale(years=0.5, patients=1.0)
"""Thirty sites that all have patients."""


HELD: Final = Scale(years=0.5, patients=0.6, holds=60.0)
"""Thirty sites with a hold every few days."""


def simulate(database: Place, scale: Scale, seed: int) -> Judge:
    """Runs one study to its end; raises `Broken` as soon as something does not hold."""
    world = World(database, scale, seed=seed)
    try:
        world.run()
    finally:
        world.close()
    return world.judge
