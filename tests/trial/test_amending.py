"""An amendment takes over what is due from its day on, and nothing else."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.study_files import study_from_text
from trial.amending import Active, InForce, Moved, Renamed, chain_of, empty_renames, lost, planned_by, with_earlier
from trial.amendment_checks import Fault, name_faults
from trial.calendars import WorkingCalendar
from trial.occurrences import label_of
from trial.plan import CancelReason, ExistingTask, changes, planned_tasks
from trial.study import AppliesTo
from trial.tasks import TaskState
from trial.timeline import Certainty, Course, EventDate, ended_on

CALENDAR = WorkingCalendar("DE", None)
SURGERY = date(2026, 1, 15)

BEFORE = """\
format: visitplan/1
study: {id: TEST, title: A test, version: "1.0", languages: [en]}
events:
  registration: {label: Registration, required: true}
  surgery: {label: Surgery}
  death: {label: Death, ends: all}
visits:
  - id: scan
    label: Scan
    when: registration
    window: -7d .. +7d
  - id: fu
    label: "Follow-up {number}"
    when: surgery
    repeat: every 3mo until 12mo
    window: -7d .. +7d
    tasks: [{id: upload, label: Upload, due: visit + 5wd}]
  - id: call
    label: Call
    when: surgery + 5mo
    window: 0d .. +7d
"""
TABLE = """\
amendments:
  - {version: "1.0", active: {default: 2026-01-01}}
  - version: "2.0"
    active: {default: 2026-07-01}
    renames: {fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, call: phone_call}
"""
AFTER = (
    BEFORE.replace('"1.0"', '"2.0"')
    .replace("every 3mo until 12mo", "every 4mo until 12mo")
    .replace("id: call\n    label: Call", "id: phone_call\n    label: Phone call")
    + TABLE
)
V1, V2 = study_from_text(BEFORE, "1.yaml"), study_from_text(AFTER, "2.yaml")


def course(*, held=None, **events: date):
    return Course(events={name: EventDate(day, Certainty.HAPPENED) for name, day in events.items()}, held=held or {})


OPERATED = {"registration": date(2026, 1, 5), "surgery": SURGERY}


def plan(chain, known):
    return {visit.occurrence.id: visit for visit in planned_by(chain, known, CALENDAR)}


def amended(since, known):
    return plan((InForce(V1, None), InForce(with_earlier(V2, [V1]), since)), known)


def existing(planned):
    return [
        ExistingTask(task.occurrence, task.name, TaskState.OPEN, task.firm, task.opens, task.due, task.closes)
        for visit in planned
        for task in visit.tasks
    ]


def test_what_is_due_from_the_day_on_follows_the_new_version():
    found = amended(date(2026, 7, 1), course(**OPERATED))

    assert {name: (str(one.occurrence.target), one.version) for name, one in found.items()} == {
        "scan": ("2026-01-05", "1.0"),
        "fu_3mo": ("2026-04-15", "1.0"),
        "call": ("2026-06-15", "1.0"),
        "fu_8mo": ("2026-09-15", "2.0"),
        "fu_12mo": ("2027-01-15", "2.0"),
    }


def test_what_was_held_before_the_day_stays_with_its_version():
    found = amended(date(2026, 7, 1), course(held={"fu_6mo": date(2026, 6, 30)}, **OPERATED))

    assert found["fu_6mo"].version == "1.0"
    assert [str(task.due) for task in found["fu_6mo"].tasks] == ["2026-07-07"]


def after_with(visit: str):
    return study_from_text(AFTER.replace("amendments:", f"{visit}\namendments:"), "2.yaml")


def test_what_was_held_stays_although_the_new_version_gave_it_up():
    """A consent that is told later moves a patient back in time: meanwhile the visit was held."""
    given_up = study_from_text(
        AFTER.replace("call: phone_call", "call: drop").replace("phone_call", "another_call"), "2.yaml"
    )
    chain = (InForce(V1, None), InForce(given_up, date(2026, 6, 1)))

    assert "call" not in plan(chain, course(**OPERATED))
    assert plan(chain, course(held={"call": date(2026, 6, 20)}, **OPERATED))["call"].version == "1.0"


def test_a_visit_on_request_of_the_new_version_may_have_been_held_before_its_day():
    asked = after_with("  - {id: extra, label: Extra, when: on_request}")
    known = course(held={"extra": date(2026, 6, 20)}, **OPERATED)

    assert plan((InForce(V1, None), InForce(asked, date(2026, 7, 1))), known)["extra"].version == "2.0"


def test_what_counts_from_a_renamed_visit_counts_from_the_day_on_which_it_was_held():
    later = after_with("  - {id: later, label: After the call, when: visit(phone_call) + 4w}")
    chain = (InForce(V1, None), InForce(later, date(2026, 7, 1)))
    held = course(held={"call": date(2026, 6, 19)}, **OPERATED)

    assert plan(chain, course(**OPERATED))["later"].occurrence.target == date(2026, 7, 13)
    assert plan(chain, held)["later"].occurrence.target == date(2026, 7, 17)
    assert "phone_call" not in plan(chain, held)


def test_a_visit_that_was_renamed_is_asked_for_once():
    before = amended(date(2026, 7, 1), course(**OPERATED))
    after = amended(date(2026, 6, 1), course(**OPERATED))

    assert "call" in before
    assert "phone_call" not in before
    assert "phone_call" in after
    assert "call" not in after


def test_what_was_held_by_its_new_name_is_not_asked_for_by_the_old_one_after_a_correction():
    """Due after the amendment's day when it was held; by the corrected day of surgery it was due before."""
    corrected = {**OPERATED, "surgery": date(2025, 12, 20)}
    found = amended(date(2026, 6, 1), course(held={"phone_call": date(2026, 6, 20)}, **corrected))

    assert "call" not in found
    assert found["phone_call"].version == "2.0"


def test_what_the_new_version_ends_is_ended():
    dead = study_from_text(
        AFTER.replace("  death:", "  moved_away: {label: Moved away, ends: all}\n  death:"), "2.yaml"
    )

    chain = (InForce(V1, None), InForce(dead, date(2026, 7, 1)))

    assert planned_by(chain, course(moved_away=date(2026, 8, 1), **OPERATED), CALENDAR) == ()


def test_a_visit_of_an_older_version_is_still_called_by_its_name():
    newest = with_earlier(V2, [V1])

    assert label_of(newest, "fu_3mo") == {"en": "Follow-up 3"}
    assert label_of(newest, "call") == {"en": "Call"}
    assert label_of(V2, "call") is None


def test_what_disappears_is_told():
    silent = study_from_text(
        AFTER.replace("    renames: {fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, call: phone_call}\n", ""), "2.yaml"
    )

    assert [one.name for one in lost(V1, silent)] == ["fu_3mo", "fu_6mo", "fu_9mo", "call"]
    assert lost(V1, V2) == ()


def test_a_name_that_stands_for_nothing_is_found():
    wrong = study_from_text(AFTER.replace("call: phone_call", "cal: phone_cal"), "2.yaml")

    assert empty_renames(V1, wrong) == ("cal", "phone_cal")
    assert empty_renames(V1, V2) == ()


def test_what_hangs_on_a_question_that_nobody_is_asked_any_more_is_the_new_versions():
    fact = "facts:\n  stage: {label: Stage, ask: Which stage, values: [i, ii], ask_at: surgery + 1d}\nvisits:\n"
    asking = BEFORE.replace("visits:\n", fact).replace("  - id: call\n", "  - id: call\n    only_if: stage == i\n")
    older = study_from_text(asking, "1.yaml")
    chain = (InForce(older, None), InForce(with_earlier(V2, [older]), date(2026, 7, 1)))

    assert plan(chain[:1], course(**OPERATED))["call"].occurrence.asks == ("stage",)
    found = plan(chain, course(**OPERATED))
    assert not found.keys() & {"call", "fact:stage"}
    assert (found["phone_call"].version, found["phone_call"].occurrence.asks) == ("2.0", ())
    known = replace(course(**OPERATED), facts={"stage": "i"})
    assert plan(chain, known)["call"].version == "1.0"


PREVIOUS = BEFORE.replace(
    "    repeat: every 3mo until 12mo\n", "    repeat: every 4mo until 24mo\n    basis: previous\n"
)


def test_what_counts_from_the_visit_before_counts_from_the_one_that_stays():
    older = study_from_text(PREVIOUS, "1.yaml")
    table = TABLE.replace("{fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, call: phone_call}", "{fu: talk}")
    text = (
        PREVIOUS.replace('"1.0"', '"2.0"').replace("every 4mo", "every 3mo").replace("- id: fu", "- id: talk") + table
    )
    chain = (InForce(older, None), InForce(with_earlier(study_from_text(text, "2.yaml"), [older]), date(2026, 7, 1)))

    # The first of the old rhythm was due on 15 May; the next is three months after it, and after the day it is held on.
    found = plan(chain, course(**OPERATED))
    assert [str(found[name].occurrence.target) for name in ("fu_1", "talk_2", "talk_3")] == [
        "2026-05-15",
        "2026-08-15",
        "2026-11-15",
    ]
    held = plan(chain, course(held={"fu_1": date(2026, 7, 3)}, **OPERATED))
    assert [str(held[name].occurrence.target) for name in ("fu_1", "talk_2")] == ["2026-05-15", "2026-10-03"]


# --- what patients have ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "faults"),
    [
        ("  surgery: {label: Surgery}", "  surgery: {label: Surgery, estimate: registration + 2w}", []),
        (
            "  registration: {label: Registration, required: true}",
            "  consent: {label: Consent, required: true}\n  registration: {label: Registration, required: true}",
            ["registration registration"],
        ),
        ("  death: {label: Death, ends: all}", "  died: {label: Death, ends: all}", ["event death"]),
    ],
)
def test_what_patients_have_is_still_known_by_its_name(was, now, faults):
    assert was in AFTER
    after = study_from_text(AFTER.replace(was, now), "2.yaml")

    assert [one.name for one in name_faults(V1, after)] == faults


@pytest.mark.parametrize(
    ("renames", "faults"),
    [
        ("{fu_3mo: fu_4mo, fu_6mo: drop, fu_9mo: fu_8mo, call: phone_call}", []),
        ("{fu_3mo: fu_4mo, fu_6mo: fu_4mo, fu_9mo: drop, call: phone_call}", [(Fault.TWO_IN_ONE, "fu_4mo")]),
        ("{fu_3mo: drop, fu_6mo: drop, fu_9mo: fu_12mo, call: phone_call}", [(Fault.TWO_IN_ONE, "fu_12mo")]),
        (
            "{fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, fu_12mo: drop, call: phone_call}",
            [(Fault.STILL_THERE, "fu_12mo")],
        ),
    ],
)
def test_a_name_means_one_visit(renames, faults):
    table = TABLE.replace("{fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, call: phone_call}", renames)
    after = study_from_text(AFTER.replace(TABLE, table), "2.yaml")

    assert [(one.fault, one.name) for one in name_faults(V1, after)] == faults


def test_the_way_back_from_a_name_leads_over_versions_that_were_left_out():
    table = TABLE.replace("{fu_3mo: drop, fu_6mo: drop, fu_9mo: drop, call: phone_call}", "{fu: talk, call: drop}")
    table += '  - {version: "3.0", active: {default: null}, renames: {talk: visit, talk_12mo: last}}\n'
    text = BEFORE.replace('"1.0"', '"3.0"').replace("- id: fu", "- id: visit").replace("until 12mo", "until 9mo")
    last = "  - {id: last, label: Last, when: surgery + 12mo}\n"
    after = study_from_text(
        text.replace("  - id: call\n    label: Call\n", last + "  - id: final\n    label: Final\n") + table, "3.yaml"
    )
    between = study_from_text(BEFORE.replace('"1.0"', '"2.0"').replace("- id: fu", "- id: talk"), "2.yaml")
    renamed = Renamed(V1, with_earlier(after, [between, V1]))

    assert [renamed.now(name) for name in ("fu_3mo", "fu_12mo", "call", "scan")] == ["visit_3mo", "last", None, "scan"]
    assert [renamed.was(name) for name in ("visit_3mo", "last", "scan")] == ["fu_3mo", "fu_12mo", "scan"]


# --- whom it moves ----------------------------------------------------------------------------------------------------


def actives(applies_to):
    own = V2.amendment
    assert own is not None
    second = replace(V2, amendments=(*V2.amendments[:1], replace(own, applies_to=applies_to)))
    return (Active("v1", V1, date(2026, 1, 1)), Active("v2", second, date(2026, 7, 1)))


@pytest.mark.parametrize(
    ("applies_to", "registered", "today", "wanted"),
    [
        (AppliesTo.VISITS_DUE_AFTER_ACTIVATION, date(2026, 3, 1), date(2026, 6, 30), [("v1", None)]),
        (
            AppliesTo.VISITS_DUE_AFTER_ACTIVATION,
            date(2026, 3, 1),
            date(2026, 7, 1),
            [("v1", None), ("v2", date(2026, 7, 1))],
        ),
        (AppliesTo.VISITS_DUE_AFTER_ACTIVATION, date(2026, 7, 1), date(2026, 7, 1), [("v2", None)]),
        (AppliesTo.NEW_PATIENTS, date(2026, 6, 30), date(2027, 1, 1), [("v1", None)]),
        (AppliesTo.NEW_PATIENTS, date(2026, 7, 1), date(2027, 1, 1), [("v2", None)]),
        (AppliesTo.AFTER_RECONSENT, date(2026, 3, 1), date(2026, 9, 9), [("v1", None)]),
        (AppliesTo.AFTER_RECONSENT, date(2026, 3, 1), date(2026, 9, 10), [("v1", None), ("v2", date(2026, 9, 10))]),
        (AppliesTo.AFTER_RECONSENT, date(2026, 8, 1), date(2026, 9, 10), [("v2", None)]),
        (AppliesTo.VISITS_DUE_AFTER_ACTIVATION, date(2025, 8, 1), date(2025, 9, 10), []),
    ],
)
def test_the_amendment_says_whom_it_moves(applies_to, registered, today, wanted):
    chain = chain_of(actives(applies_to), registered=registered, consented={"v2": date(2026, 9, 10)}, today=today)

    assert chain == tuple(Moved(key, since) for key, since in wanted)


def test_of_two_versions_that_were_in_use_from_one_day_on_the_last_plans_alone():
    both = (Active("v1", V1, date(2026, 7, 1)), Active("v2", V2, date(2026, 7, 1)))

    chain = chain_of(both, registered=date(2026, 3, 1), consented={}, today=date(2026, 8, 1))
    assert chain == (Moved("v2", None),)


# --- properties -------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2026, 1, 1), date(2027, 6, 1))
COURSES = st.builds(
    lambda held, died: course(held=held, **OPERATED, **({"death": died} if died else {})),
    st.dictionaries(st.sampled_from(["scan", "fu_3mo", "fu_6mo", "fu_12mo", "call"]), DAYS, max_size=4),
    st.none() | DAYS,
)


@given(since=DAYS, known=COURSES)
def test_an_amendment_cancels_exactly_what_it_no_longer_wants(since, known):
    before = planned_by((InForce(V1, None),), known, CALENDAR)
    newest = with_earlier(V2, [V1])
    chain = (InForce(V1, None), InForce(newest, since))
    after = planned_by(chain, known, CALENDAR)
    wanted = changes(after, existing(before), study=newest, course=known)

    keys = {task.key for visit in after for task in visit.tasks}
    assert {key for key, _ in wanted.cancel} == {task.key for task in existing(before)} - keys
    assert {key for key, reason in wanted.cancel} <= {task.key for task in existing(before) if date.max > since}
    # What was due before the day stands as it stood, and nothing new falls before it.
    for visit in before:
        if visit.occurrence.target < since and not (visit.occurrence.id.startswith(("event:", "fact:"))):
            assert [task.key for task in visit.tasks] == [
                task.key for one in after if one.occurrence.id == visit.occurrence.id for task in one.tasks
            ]
    old = {visit.occurrence.id for visit in before}
    assert all(visit.occurrence.target >= since for visit in after if visit.occurrence.id not in {*old, "phone_call"})
    assert CancelReason.PATIENT_ENDED not in {reason for _, reason in wanted.cancel}


@given(since=DAYS, known=COURSES)
def test_planning_twice_by_a_chain_changes_nothing(since, known):
    newest = with_earlier(V2, [V1])
    chain = (InForce(V1, None), InForce(newest, since))
    after = planned_by(chain, known, CALENDAR)

    assert not changes(after, existing(after), study=newest, course=known)
    assert len({visit.occurrence.id for visit in after}) == len(after)


@given(known=COURSES)
def test_a_version_from_before_everything_plans_alone_what_it_has_not_given_up(known):
    chain = (InForce(V1, None), InForce(V2, date(2025, 1, 1)))
    given_up = {"fu_3mo", "fu_6mo", "fu_9mo"}
    found = planned_by(chain, known, CALENDAR)

    if not ended_on(V2, known):
        assert {one.occurrence.id for one in found if one.version == "1.0"} == given_up & known.held.keys()
    assert [one.occurrence for one in found if one.occurrence.id not in given_up] == [
        one.occurrence for one in planned_tasks(V2, known, CALENDAR) if one.occurrence.id not in given_up
    ]


CONSENTS = st.dictionaries(st.sampled_from(["v1", "v2", "v3"]), DAYS)


@given(consented=CONSENTS, first=st.sampled_from(AppliesTo), second=st.sampled_from(AppliesTo), today=DAYS)
def test_a_chain_goes_from_day_to_day_in_the_order_of_the_versions(consented, first, second, today):
    own = V2.amendment
    assert own is not None
    versions = [Active("v1", V1, date(2026, 1, 1))]
    for key, applies_to, day in (("v2", first, date(2026, 4, 1)), ("v3", second, date(2026, 7, 1))):
        study = replace(V2, amendments=(*V2.amendments[:1], replace(own, applies_to=applies_to)))
        versions.append(Active(key, study, day))
    chain = chain_of(versions, registered=date(2026, 2, 1), consented=consented, today=today)

    assert [link.key for link in chain] == sorted(link.key for link in chain)
    begun = [link.since for link in chain[1:]]
    assert begun == sorted(set(begun))
    assert chain[0] == Moved("v1", None)
    # Another consent to what was taken over already changes nothing.
    if chain[-1].key == "v3":
        late = {**consented, "v2": max(chain[-1].since, consented.get("v2", date.min))}
        assert chain_of(versions, registered=date(2026, 2, 1), consented=late, today=today)[-1] == chain[-1]
