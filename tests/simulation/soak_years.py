"""`make soak`: years of a study with thirty sites, as many as you like.

SITEBELL_TEST_SOAK_YEARS trial-years (default 400) in studies of four years, with SITEBELL_TEST_SOAK_PATIENTS patients for
each site and year (default 0.2). SITEBELL_TEST_SOAK_SEED is the first one's seed (default: drawn), the others count on.
What finds something says how to run its one study again.
"""

import math
import os
import random
import time
from dataclasses import replace

import pytest

from tests.databases import Place
from tests.simulation.studies import THIN, YEARS, simulate

TOTAL = float(os.environ.get("SITEBELL_TEST_SOAK_YEARS", "400"))
PATIENTS = float(os.environ.get("SITEBELL_TEST_SOAK_PATIENTS", "0.2"))
FIRST = int(os.environ.get("SITEBELL_TEST_SOAK_SEED") or random.SystemRandom().randrange(1_000_000))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + math.ceil(TOTAL / YEARS)))
def test_the_rules_hold(sqlcipher_place: Place, seed: int) -> None:
    scale = replace(THIN, years=min(TOTAL, YEARS), patients=PATIENTS)
    began = time.perf_counter()
    judge = simulate(sqlcipher_place, scale, seed)
    took = time.perf_counter() - began
    print(
        f"\nseed {seed}: {scale.years:g} trial-years, {len(judge.patients)} patients, {judge.counted['answers']} answers, "
        f"{judge.counted['card messages']} cards in {took:.0f} s",
        flush=True,
    )
