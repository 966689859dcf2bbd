"""Two hundred trial-years of a study with thirty sites: whatever people, network and machine do, the rules hold."""

import pytest

from tests.databases import Place
from tests.simulation.studies import BUSY, HELD, THIN, YEARS, simulate

SEEDS = range(1, 1 + round(200 / YEARS))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rules_hold_in_years_of_thirty_sites(sqlcipher_place: Place, seed: int) -> None:
    judge = simulate(sqlcipher_place, THIN, seed)

    assert judge.counted["card messages"] > 0
    assert judge.counted["answers"] > 0


def test_the_rules_hold_where_every_site_has_patients(sqlcipher_place: Place) -> None:
    judge = simulate(sqlcipher_place, BUSY, seed=1)

    assert len(judge.patients) == 15


def test_the_rules_hold_where_the_office_puts_things_on_hold(sqlcipher_place: Place) -> None:
    judge = simulate(sqlcipher_place, HELD, seed=1)

    assert judge.counted["holds"] == 30
    assert judge.counted["holds lifted"] > 0
