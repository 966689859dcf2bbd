"""`make soak`: kill the service at random moments for as long as you like.

SITEBELL_TEST_SOAK_KILLS (default 2000) on SQLCipher and a fifth of it on PostgreSQL, with the seed
SITEBELL_TEST_SOAK_SEED (default: drawn, and printed). A seed that found something is tried again with the same number.
"""

import os
import random
from pathlib import Path

from tests.crash.campaign import run
from tests.databases import Place
from tests.simulators import simulator_process

KILLS = int(os.environ.get("SITEBELL_TEST_SOAK_KILLS", "2000"))
SEED = int(os.environ.get("SITEBELL_TEST_SOAK_SEED") or random.SystemRandom().randrange(1_000_000))


def test_no_kill_loses_anything_on_sqlcipher(sqlcipher_place: Place, tmp_path: Path) -> None:
    soak(sqlcipher_place, tmp_path, kills=KILLS)


def test_no_kill_loses_anything_on_postgresql(postgresql_place: Place, tmp_path: Path) -> None:
    soak(postgresql_place, tmp_path, kills=max(1, KILLS // 5))


def soak(place: Place, folder: Path, *, kills: int) -> None:
    print(f"\n{kills} kills with seed {SEED}", flush=True)
    with simulator_process(folder) as simulator:
        report = run(place, simulator, folder / "log", kills=kills, seed=SEED, at_points=max(1, kills // 100))
    print(report)
    assert not report.findings, report
