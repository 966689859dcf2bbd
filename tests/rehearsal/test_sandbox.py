"""A study tried out: what is counted is what the database holds, whatever the chats would have shown."""

import json
import os
import re
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.commands.study import app
from app.sandbox import BRISK, left_of, try_out
from office.study_files import read_study
from records import schema
from records.lived import open_lived
from records.rehearsed import rings_sent
from rehearsal.figures import Figures, Span, figures
from rehearsal.invention import CODES, Behaviour, Wishes, invent, unawaited
from rehearsal.life import IN_THE_CHATS, Ways, live
from rehearsal.script import SILENT
from tests.databases import Place
from tests.rehearsal.small import ENDS, short_script
from tests.trials import DREAM
from trial.calendars import WorkingCalendar
from trial.moments import instant, use_pinned_zones

SMALL = Path(__file__).resolve().parents[1] / "studies" / "small.yaml"
FIRST, LAST = date(2027, 1, 4), date(2030, 1, 3)
LITTLE = ("--patients", "4", "--years", "0.25", "--country", "DE", "--from", FIRST.isoformat())


def run(*arguments: str):
    return CliRunner().invoke(app, ["sandbox", *arguments])


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_is_counted_is_what_the_database_holds(sqlcipher_place: Place):
    use_pinned_zones()
    wishes = Wishes(patients=6, years=1, countries=("DE",), seed=3, happens=0.3)
    study = read_study(SMALL)
    last = FIRST + timedelta(days=wishes.days)
    invented = invent(study, SMALL, wishes, last=last, spoken={"en"})
    ends_at = instant(datetime(last.year, last.month, last.day, 18, tzinfo=UTC))
    place = sqlcipher_place
    records = open_lived(place.url, keys=place.keys, data_dir=place.data_dir, seed=3)
    try:
        past = live(records, invented.script, ends_at=ends_at, seed=3, ways=BRISK)
        found = figures(left_of(records, past.cast, invented.behaviours), study.ladders, Span(FIRST, last))
        with records.read() as tx:
            notices = list(tx.connection.execute(sa.select(schema.notice)))
            tasks = list(tx.connection.execute(sa.select(schema.task)))
            items = list(tx.connection.execute(sa.select(schema.office_item)))
            asked = tx.connection.scalar(
                sa.select(sa.func.count()).where(
                    schema.answer.c.task_id == schema.task.c.id, schema.task.c.kind == "event"
                )
            )
    finally:
        records.close()

    rung = [row for row in notices if row.state == "sent" and row.kind in {"card", "digest"}]
    assert rung
    assert sum(load.messages for load in found.loads) == len(rung)
    assert sum(week.messages for week in found.weeks) == len(rung)
    per_person = Counter(row.person_id for row in rung)
    assert max(load.messages for load in found.loads) == max(per_person.values())
    ended = [
        row
        for row in tasks
        if row.firm and row.state not in {"cancelled", "paused"} and row.kind not in {"event", "fact"}
        if row.closes is not None and row.closes < last
    ]
    assert sum(one.ended + one.before for one in found.lateness) == len(ended)
    assert sum(month.ladders + month.others for month in found.months) == len(items)
    [awaited] = found.awaited
    assert (awaited.event, awaited.asked - awaited.open) == ("last_dose", asked)


def without_answers(ways: Ways, place: Place) -> Counter[tuple[object, ...]]:
    """Every ring of a script in which nobody answers."""
    use_pinned_zones()
    script = short_script()
    silent = replace(
        script,
        players=tuple(one if one.place is None else replace(one, habit=SILENT) for one in script.players),
        telephone=None,
        queries=(),
    )
    records = open_lived(place.url, keys=place.keys, data_dir=place.data_dir, seed=1)
    try:
        live(records, silent, ends_at=instant(ENDS), seed=1, ways=ways)
        with records.read() as tx:
            return Counter((one.site_number, one.ladder, one.step, one.announced_due, one.at) for one in rings_sent(tx))
    finally:
        records.close()


def test_without_chats_the_engine_rings_the_same_at_the_same_moments(sqlcipher_place: Place):
    brisk = without_answers(Ways(engine=BRISK.engine, hands=BRISK.hands), sqlcipher_place)

    assert brisk == without_answers(IN_THE_CHATS, sqlcipher_place)
    assert brisk


def figures_of(place: Place, ways: Ways) -> Figures:
    """Of a small trial in which people answer, lived this way."""
    use_pinned_zones()
    wishes = Wishes(patients=4, years=0.25, countries=("DE",), seed=3, happens=0.3)
    study, span = read_study(SMALL), Span(FIRST, FIRST + timedelta(days=wishes.days))
    invented = invent(study, SMALL, wishes, last=span.last, spoken={"en"})
    records = open_lived(place.url, keys=place.keys, data_dir=place.data_dir, seed=3)
    try:
        ends_at = instant(datetime.combine(span.last, time(18), tzinfo=UTC))
        past = live(records, invented.script, ends_at=ends_at, seed=3, ways=ways)
        return figures(left_of(records, past.cast, invented.behaviours), study.ladders, span)
    finally:
        records.close()


def test_without_chats_the_figures_are_those_of_the_chats(sqlcipher_place: Place):
    brisk = figures_of(sqlcipher_place, BRISK)

    assert brisk == figures_of(sqlcipher_place, Ways(read=BRISK.read, truths=BRISK.truths))
    assert brisk.moved.rings


def test_the_same_seed_tells_the_same_and_nothing_is_left_on_disk(disk: Path):
    first, again = (run(str(SMALL), *LITTLE, "--format", "json") for _ in range(2))
    other = run(str(SMALL), *LITTLE, "--format", "json", "--seed", "2")

    found = json.loads(first.stdout)

    assert (first.exit_code, first.stdout) == (0, again.stdout)
    assert found["span"] == {"first": "2027-01-04", "last": "2027-04-05"}
    assert {load["who"] for load in found["loads"]} == {"coordinator asked first", "colleague", "investigator"}
    assert other.stdout != first.stdout
    assert list(disk.iterdir()) == []
    assert first.stderr == "4 of 4 patients lived\n"


def test_it_is_told_as_a_table_and_drawn(disk: Path):
    picture = disk / "sandbox.svg"
    result = run(str(SMALL), *LITTLE, "--picture", str(picture))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("SMALL-1 1.10, 2027-01-04 to 2027-04-05, seed 1.\n4 patients at 1 site in DE.\n")
    assert "coordinator asked first" in result.stdout
    root = ET.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 - drawn by ourselves
    assert root.get("role") == "img"
    assert "within hours" in {element.text for element in root.iter()}
    assert list(disk.iterdir()) == [picture]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((str(SMALL), *LITTLE, "--country", "XX"), "country: 'XX' is not known"),
        (("missing.yaml", *LITTLE), "missing.yaml: there is no such file"),
    ],
)
def test_what_cannot_be_tried_out_is_told_in_a_sentence(disk: Path, arguments: tuple[str, ...], sentence: str):
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert list(disk.iterdir()) == []


def test_a_file_with_problems_is_refused_with_all_of_them(disk: Path):
    broken = disk / "broken.yaml"
    broken.write_text(SMALL.read_text(encoding="utf-8").replace("when: entry", "when: entri").replace("-28d", "28d"))

    result = run(str(broken), *LITTLE)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) >= 2
    assert list(disk.iterdir()) == [broken]


def test_lots_side_by_side_tell_what_one_after_the_other_tells(disk: Path, monkeypatch: pytest.MonkeyPatch):
    use_pinned_zones()
    wishes = Wishes(patients=51, years=0.03, countries=("DE",), seed=1, happens=0)
    lived: list[int] = []
    found = []
    for processors in (2, 1):
        monkeypatch.setattr(os, "cpu_count", lambda number=processors: number)
        found.append(try_out(SMALL, wishes, first=FIRST, told=lived.append))

    assert found[0] == found[1]
    assert lived == [43, 8, 43, 8]
    assert list(disk.iterdir()) == []


# --- what is invented -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [SMALL, DREAM], ids=["small", "dream"])
@given(
    patients=st.integers(1, 150),
    years=st.floats(0.1, 8),
    seed=st.integers(0, 2**32),
    happens=st.floats(0, 3),
)
@settings(max_examples=20, deadline=None)
def test_whatever_is_wished_the_course_of_everybody_is_possible(file, patients, years, seed, happens):
    study = read_study(file)
    wishes = Wishes(patients=patients, years=years, countries=("DE", "JP"), seed=seed, happens=happens)
    script = invent(study, file, wishes, last=LAST, spoken={"en"}).script
    entered = {patient.code: patient for patient in script.patients}

    assert len(entered) == patients
    assert all(re.fullmatch(CODES, code) for code in entered)
    for patient in script.patients:
        assert script.begins < patient.enters <= 0
        entered_on = LAST + timedelta(days=patient.enters)
        assert WorkingCalendar(script.place(patient.place).country).is_working(entered_on)
        assert set(patient.events) == {event.name for event in study.events.values() if event.required}
        assert patient.departs is None or patient.enters < patient.departs < 0
    for one in script.happenings:
        assert entered[one.code].enters < one.day < 0
        assert one.event in unawaited(study)
    assert happens or not script.happenings


BLINDED = """\
format: visitplan/1
study: {id: BLIND, title: Blinded, version: "1", languages: [en]}
events: {entry: {label: Entry, required: true}}
facts: {arm: {label: Arm, restricted: true, values: {a: A, b: B}}}
visits:
  - {id: early, label: Early, when: entry + 30d, only_if: arm == a}
"""


def test_a_blinded_arm_is_known_of_everybody_as_nobody_is_asked_for_it(disk: Path):
    file = disk / "blinded.yaml"
    file.write_text(BLINDED, encoding="utf-8")
    wishes = Wishes(patients=40, years=1, countries=("DE",), seed=1, happens=0)
    script = invent(read_study(file), file, wishes, last=LAST, spoken={"en"}).script

    assert {patient.facts["arm"] for patient in script.patients} == {"a", "b"}


def test_lots_are_the_whole_trial_cut_between_sites():
    wishes = Wishes(patients=120, years=1, countries=("DE",), seed=1, happens=1)
    invented = invent(read_study(DREAM), DREAM, wishes, last=LAST, spoken={"en"})
    lots = invented.lots()

    for what in ("places", "patients", "happenings"):
        found = [one for lot in lots for one in getattr(lot, what)]
        assert sorted(found, key=repr) == sorted(getattr(invented.script, what), key=repr)
    for lot in lots:
        numbers = {place.number for place in lot.places}
        assert {one.place for one in lot.players} == {None, *numbers}
    assert set(invented.behaviours.values()) == set(Behaviour)
