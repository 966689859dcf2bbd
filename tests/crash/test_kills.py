"""`kill -9` at random instants while people answer and notices go out: nothing is lost, every copy is explained."""

from pathlib import Path

from tests.crash.campaign import Campaign, run
from tests.crash.lives import lives
from tests.crash.points import Point
from tests.databases import Place
from tests.simulators import simulator_process

SEED = 1527


def test_two_hundred_kills_lose_nothing_on_sqlcipher(sqlcipher_place: Place, tmp_path: Path) -> None:
    with simulator_process(tmp_path) as simulator:
        report = run(sqlcipher_place, simulator, tmp_path / "log", kills=200, seed=SEED, at_points=1)

    print(report)
    assert not report.findings, report
    assert report.kills == 210


def test_forty_kills_lose_nothing_on_postgresql(postgresql_place: Place, tmp_path: Path) -> None:
    with simulator_process(tmp_path) as simulator:
        report = run(postgresql_place, simulator, tmp_path / "log", kills=40, seed=SEED, at_points=1)

    print(report)
    assert not report.findings, report
    assert report.kills == 50


def test_a_campaign_finds_a_service_that_confirms_before_it_stores(sqlcipher_place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        simulator_process(tmp_path) as simulator,
        sqlcipher_place.opened() as records,
        lives(sqlcipher_place, simulator, log) as nursery,
    ):
        campaign = Campaign(records, simulator, seed=SEED)
        campaign.prepare()
        for _ in range(6):
            campaign.kill_at(nursery, Point.FETCHED, hasty=True)
        campaign.finish(nursery)
        report = campaign.report(seed=SEED, log=log, seconds=0)

    assert {one.rule for one in report.findings} == {
        "I1 confirmed press is not handled",
        "I6 an answer is there once",
    }, report
