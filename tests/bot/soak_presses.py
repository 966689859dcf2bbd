"""`make soak`: pairs of a person and callback data, as many as you like.

SITEBELL_TEST_SOAK_PAIRS (default 2,000,000) with the seed SITEBELL_TEST_SOAK_SEED (default: drawn, and printed).
"""

import os
import random

from bot.buttons import decode
from bot.rights import permits
from tests.bot.fuzzing import Crowd, tried

PAIRS = int(os.environ.get("SITEBELL_TEST_SOAK_PAIRS", "2000000"))
SEED = int(os.environ.get("SITEBELL_TEST_SOAK_SEED") or random.SystemRandom().randrange(1_000_000))


def test_no_pair_is_accepted_that_should_not_be() -> None:
    print(f"\n{PAIRS} pairs with seed {SEED}", flush=True)

    found = tried(Crowd(SEED), PAIRS, rule=permits, read=decode)

    print(
        f"{sum(found.accepted.values())} accepted, {sum(found.denied.values())} refused, "
        f"{found.unreadable} not read, {len(found.wrong)} accepted wrongly"
    )
    assert found.wrong[:3] == []
    assert found.refused[:3] == []
