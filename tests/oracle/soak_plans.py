"""`make soak`: plans that the oracle works out a second time, as many as you like.

SITEBELL_TEST_SOAK_PLANS (default 100,000) from the seed SITEBELL_TEST_SOAK_SEED on (default: drawn, and printed).
"""

import os
import random

from tests.oracle.comparing import compared
from tests.oracle.comparing_versions import compared_versions

PLANS = int(os.environ.get("SITEBELL_TEST_SOAK_PLANS", "100000"))
SEED = int(os.environ.get("SITEBELL_TEST_SOAK_SEED") or random.SystemRandom().randrange(1_000_000_000))


def test_the_oracle_agrees() -> None:
    print(f"\n{PLANS} plans from seed {SEED} on", flush=True)

    found = compared(range(SEED, SEED + PLANS))

    print(f"{found.plans} plans compared: " + ", ".join(f"{what} {count}" for what, count in found.met.most_common()))
    assert "\n\n".join(found.differing) == ""


def test_the_oracle_agrees_on_amendments() -> None:
    """One for every ten plans: each is two plans, and dates of its own."""
    found = compared_versions(range(SEED, SEED + PLANS // 10))

    print(
        f"{found.plans} amendments compared: " + ", ".join(f"{what} {many}" for what, many in found.met.most_common())
    )
    assert "\n\n".join(found.differing) == ""
