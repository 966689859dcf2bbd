"""Signing in: a link once, a number that its owner approves, sessions that end; and everything that is refused."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from office import signing_in
from office.inviting import token_hash
from office.people import end_access
from office.signing_in import AT_MOST, IDLE, LINK_FOR, NUMBER_FOR, SEEN_EVERY, WRONG_MOST, NumberState, SignedIn
from records import schema
from tests.office.vocabulary import Trial
from trial.access import Action
from trial.people import Role

DAY = timedelta(days=1)
JUST_BEFORE = timedelta(seconds=1)


def link(trial: Trial, person: UUID) -> str:
    token = trial.does(signing_in.make_login_link, person, by=person)
    assert token is not None
    return token


def signed_in(trial: Trial, person: UUID) -> str:
    secret = trial.does(signing_in.use_login_link, link(trial, person))
    assert secret is not None
    return secret


def who(trial: Trial, secret: str) -> SignedIn | None:
    with trial.records.read() as tx:
        return signing_in.session_of(tx, secret, **trial.times)


def asked(trial: Trial, browser: str = "Firefox · Linux") -> signing_in.AskedNumber:
    with trial.records.begin() as tx:
        return signing_in.ask_number(tx, browser=browser, elapsed=trial.clock.elapsed())


def state(trial: Trial, browser: signing_in.AskedNumber) -> NumberState | None:
    with trial.records.read() as tx:
        shown = signing_in.shown_number(tx, browser.secret, elapsed=trial.clock.elapsed())
    return None if shown is None else shown.state


def named(trial: Trial, person: UUID, number: str) -> UUID | None:
    found = trial.does(signing_in.look_at_number, number, person_id=person)
    return None if found is None else found.id


# --- by a link --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "site"),
    [(role, "417") for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR)]
    + [(role, None) for role in (Role.MANAGER, Role.MONITOR, Role.AUDITOR, Role.ADMINISTRATOR)],
)
def test_everybody_signs_in_whatever_their_role(trial: Trial, role: Role, site: str | None):
    person = trial.enrolled("Person P", role=role, site=site)

    found = who(trial, signed_in(trial, person))

    assert found is not None
    assert (found.viewer.person_id, found.viewer.role) == (person, role)
    assert [one.number for one in found.viewer.sites] == (["417"] if site else ["417", "501"])


def test_a_link_is_used_once_and_the_second_who_tries_is_refused(trial: Trial):
    token = link(trial, trial.manager())

    assert trial.does(signing_in.use_login_link, token) is not None
    assert trial.does(signing_in.use_login_link, token) is None


def test_looking_at_a_link_uses_nothing_up(trial: Trial):
    token = link(trial, trial.manager())

    looks = [trial.does(signing_in.look_at_link, token) for _ in range(3)]

    assert [look.language for look in looks if look] == ["en"] * 3
    assert trial.does(signing_in.use_login_link, token) is not None


def test_a_link_lasts_ten_minutes_of_elapsed_time_whatever_the_trial_s_clock_does(trial: Trial):
    person = trial.manager()
    early, late = link(trial, person), link(trial, person)
    trial.clock.forward_to(trial.clock.now() + DAY)  # as the demo's clock does
    trial.clock.wait(LINK_FOR - JUST_BEFORE)
    assert trial.does(signing_in.use_login_link, early) is not None

    trial.clock.wait(JUST_BEFORE)

    assert trial.does(signing_in.look_at_link, late) is None
    assert trial.does(signing_in.use_login_link, late) is None


def test_an_unknown_token_signs_nobody_in(trial: Trial):
    link(trial, trial.manager())

    assert trial.does(signing_in.use_login_link, "x" * 32) is None


def test_whoever_has_no_access_any_more_gets_no_link_and_uses_none(trial: Trial):
    amina = trial.enrolled("Amina")
    token = link(trial, amina)
    trial.revoked("Amina")

    assert trial.does(signing_in.make_login_link, amina, by=None) is None
    assert trial.does(signing_in.use_login_link, token) is None
    assert trial.does(signing_in.make_login_link, uuid4(), by=None) is None


def test_of_a_secret_only_the_hash_is_stored(trial: Trial):
    person = trial.manager()
    token = link(trial, person)
    secret, browser = signed_in(trial, person), asked(trial)
    with trial.records.read() as tx:
        rows = repr(
            [
                tx.connection.execute(sa.select(table)).all()
                for table in (schema.login_link, schema.login_number, schema.session, schema.audit)
            ]
        )

    assert not [one for one in (token, secret, browser.secret) if one in rows]
    assert repr(token_hash(token)) in rows
    assert {len(token), len(secret), len(browser.secret)} == {32}  # 192 bits


# --- by a number ------------------------------------------------------------------------------------------------------


def test_a_browser_is_let_in_by_whoever_named_its_number_and_said_yes(trial: Trial):
    person, browser = trial.manager(), asked(trial)
    number_id = named(trial, person, browser.number)
    assert state(trial, browser) is NumberState.WAITING
    assert trial.does(signing_in.collect, browser.secret) is None

    assert trial.does(signing_in.approve, number_id, person_id=person)

    assert state(trial, browser) is NumberState.APPROVED
    secret = trial.does(signing_in.collect, browser.secret)
    found = who(trial, secret or "")
    assert found is not None
    assert found.viewer.person_id == person
    assert trial.does(signing_in.collect, browser.secret) is None  # once
    assert state(trial, browser) is None


def test_a_number_is_six_digits_and_no_two_browsers_have_the_same(trial: Trial):
    numbers = [asked(trial).number for _ in range(40)]

    assert len(set(numbers)) == 40
    assert all(len(one) == 6 and one.isascii() and one.isdigit() for one in numbers)


def test_a_browser_that_was_refused_stays_out(trial: Trial):
    person, browser = trial.manager(), asked(trial)
    number_id = named(trial, person, browser.number)

    assert trial.does(signing_in.refuse, number_id, person_id=person)

    assert state(trial, browser) is NumberState.REFUSED
    assert not trial.does(signing_in.approve, number_id, person_id=person)
    assert trial.does(signing_in.collect, browser.secret) is None


def test_nobody_decides_about_a_number_that_somebody_else_named(trial: Trial):
    amina, berta, browser = trial.enrolled("Amina"), trial.enrolled("Berta"), asked(trial)
    number_id = named(trial, amina, browser.number)

    assert named(trial, berta, browser.number) is None
    assert not trial.does(signing_in.approve, number_id, person_id=berta)
    assert not trial.does(signing_in.refuse, number_id, person_id=berta)
    assert state(trial, browser) is NumberState.WAITING


def test_only_the_browser_that_asked_collects_the_session(trial: Trial):
    person, mine, theirs = trial.manager(), asked(trial), asked(trial)
    trial.does(signing_in.approve, named(trial, person, mine.number), person_id=person)

    assert trial.does(signing_in.collect, theirs.secret) is None
    assert trial.does(signing_in.collect, mine.number) is None
    assert trial.does(signing_in.collect, mine.secret) is not None


@pytest.mark.parametrize("step", ["named", "approved", "collected"])
def test_a_number_lasts_ten_minutes_at_every_step(trial: Trial, step: str):
    person, browser = trial.manager(), asked(trial)
    number_id = None if step == "named" else named(trial, person, browser.number)
    if step == "collected":
        assert trial.does(signing_in.approve, number_id, person_id=person)
    trial.clock.wait(NUMBER_FOR)

    assert named(trial, person, browser.number) is None
    assert not trial.does(signing_in.approve, number_id or uuid4(), person_id=person)
    assert trial.does(signing_in.collect, browser.secret) is None
    assert state(trial, browser) is None


def test_after_five_wrong_numbers_none_is_looked_at_for_ten_minutes(trial: Trial):
    person, browser = trial.manager(), asked(trial)
    wrong = next(one for one in ("000000", "000001") if one != browser.number)
    for _ in range(WRONG_MOST):
        assert named(trial, person, wrong) is None
        trial.wait(seconds=10)

    assert named(trial, person, browser.number) is None
    trial.wait(minutes=9, seconds=49)
    assert named(trial, person, asked(trial).number) is None
    trial.wait(seconds=1)
    assert named(trial, person, asked(trial).number) is not None
    assert len(trial.audited("sign_in.wrong_number")) == WRONG_MOST


def test_wrong_numbers_of_one_person_are_no_matter_of_another_s(trial: Trial):
    amina, berta, browser = trial.enrolled("Amina"), trial.enrolled("Berta"), asked(trial)
    wrong = next(one for one in ("000000", "000001") if one != browser.number)
    for _ in range(WRONG_MOST):
        named(trial, amina, wrong)

    assert named(trial, berta, browser.number) is not None


def test_wrong_numbers_far_apart_are_forgiven(trial: Trial):
    person = trial.manager()
    for _ in range(WRONG_MOST):
        assert named(trial, person, "000000") is None
        trial.wait(minutes=3)

    assert named(trial, person, asked(trial).number) is not None


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_that_is_not_used_for_half_an_hour_has_ended(trial: Trial):
    secret = signed_in(trial, trial.manager())
    trial.clock.wait(IDLE - JUST_BEFORE)
    assert who(trial, secret) is not None

    trial.clock.wait(JUST_BEFORE)

    assert who(trial, secret) is None


def test_a_session_that_is_used_ends_after_twelve_hours(trial: Trial):
    secret = signed_in(trial, trial.manager())
    passed = timedelta(0)
    while passed + IDLE / 2 < AT_MOST:
        trial.clock.wait(IDLE / 2)
        passed += IDLE / 2
        found = who(trial, secret)
        assert found is not None, passed
        with trial.records.begin() as tx:
            signing_in.seen(tx, found.session, elapsed=trial.clock.elapsed())

    trial.clock.wait(AT_MOST - passed)

    assert who(trial, secret) is None


def test_the_trial_s_clock_ends_no_session(trial: Trial):
    secret = signed_in(trial, trial.manager())

    trial.clock.forward_to(trial.clock.now() + 30 * DAY)

    assert who(trial, secret) is not None


def test_use_is_written_down_at_most_once_a_minute(trial: Trial):
    secret = signed_in(trial, trial.manager())
    found = who(trial, secret)
    assert found is not None

    times = [SEEN_EVERY - JUST_BEFORE, SEEN_EVERY]

    assert [signing_in.is_to_be_seen(found.session, elapsed=trial.clock.elapsed() + length) for length in times] == [
        False,
        True,
    ]


def test_every_sign_in_has_a_secret_of_its_own_and_ends_the_browser_s_session_before(trial: Trial):
    person = trial.manager()
    before = signed_in(trial, person)

    after = trial.does(signing_in.use_login_link, link(trial, person), instead_of=before)

    assert after not in {None, before}
    assert who(trial, before) is None
    assert who(trial, after) is not None


def test_signing_out_ends_this_session_alone(trial: Trial):
    person = trial.manager()
    here, there = signed_in(trial, person), signed_in(trial, person)

    assert trial.does(signing_in.sign_out, here)

    assert who(trial, here) is None
    assert who(trial, there) is not None
    assert not trial.does(signing_in.sign_out, here)


def test_signing_out_everywhere_ends_all_and_closes_every_way_in(trial: Trial):
    person, other = trial.manager(), trial.enrolled("Amina")
    secrets, theirs = [signed_in(trial, person) for _ in range(3)], signed_in(trial, other)
    token, browser = link(trial, person), asked(trial)
    trial.does(signing_in.approve, named(trial, person, browser.number), person_id=person)

    assert trial.does(signing_in.sign_out_everywhere, secrets[0])

    assert [who(trial, secret) for secret in secrets] == [None] * 3
    assert trial.does(signing_in.use_login_link, token) is None
    assert trial.does(signing_in.collect, browser.secret) is None
    assert who(trial, theirs) is not None


def test_ending_access_ends_all_of_it_for_good(trial: Trial):
    """Also where the same person is invited once more: what they had before stays ended."""
    amina = trial.enrolled("Amina")
    secret, token = signed_in(trial, amina), link(trial, amina)

    trial.does(end_access, amina, by=None)

    assert who(trial, secret) is None
    with trial.records.read() as tx:
        open_rows = tx.connection.scalar(
            sa.select(sa.func.count()).select_from(schema.session).where(schema.session.c.ended_at.is_(None))
        )
    assert open_rows == 0
    assert trial.does(signing_in.use_login_link, token) is None


def test_another_phone_signs_out_what_the_old_one_signed_in(trial: Trial):
    amina = trial.enrolled("Amina")
    secret = signed_in(trial, amina)
    again = trial.invited("Amina")

    trial.joins(again.token, chat=990_001)

    assert again.person_id == amina
    assert who(trial, secret) is None


def test_a_membership_that_ends_takes_the_session_with_it_at_the_site_s_midnight(trial: Trial):
    person = trial.enrolled("Amina", site="501")  # Tokyo, nine hours ahead
    with trial.records.begin() as tx:
        tx.connection.execute(
            sa.update(schema.membership)
            .where(schema.membership.c.person_id == person)
            .values(until=trial.clock.now().date())
        )
    trial.forward_to("2026-03-02 15:45")
    secret = signed_in(trial, person)
    assert who(trial, secret) is not None

    trial.wait(minutes=20)

    assert who(trial, secret) is None


def test_rights_are_those_of_each_moment(trial: Trial):
    person = trial.manager()
    secret = signed_in(trial, person)
    with trial.records.begin() as tx:
        tx.connection.execute(
            sa.update(schema.membership).where(schema.membership.c.person_id == person).values(role=Role.MONITOR.value)
        )

    found = who(trial, secret)

    assert found is not None
    assert found.viewer.may_in_study(Action.SEE)
    assert not found.viewer.may_in_study(Action.RECORD)


def test_a_study_that_is_not_theirs_is_none(trial: Trial):
    secret = signed_in(trial, trial.manager())
    with trial.records.read() as tx:
        assert signing_in.session_of(tx, secret, study_code="OTHER", **trial.times) is None
        assert signing_in.session_of(tx, secret, study_code="DREAM", **trial.times) is not None


# --- what stays -------------------------------------------------------------------------------------------------------


def test_who_signed_in_and_out_stands_in_the_audit_log(trial: Trial):
    person, browser = trial.manager(), asked(trial)
    trial.does(signing_in.sign_out, signed_in(trial, person))
    trial.does(signing_in.approve, named(trial, person, browser.number), person_id=person)
    trial.does(signing_in.sign_out_everywhere, trial.does(signing_in.collect, browser.secret) or "")
    other = asked(trial)
    trial.does(signing_in.refuse, named(trial, person, other.number), person_id=person)

    wanted = (
        "sign_in.link_made",
        "sign_in.number_approved",
        "sign_in.number_refused",
        "session.began",
        "session.ended",
        "session.all_ended",
    )
    assert [{row.actor for row in trial.audited(action)} for action in wanted] == [{str(person)}] * len(wanted)
    assert trial.audit_holds()


def test_what_is_good_for_nothing_any_more_is_forgotten_after_a_week(trial: Trial):
    person = trial.manager()
    signed_in(trial, person)
    asked(trial)
    trial.clock.wait(9 * DAY)

    link(trial, person)

    with trial.records.read() as tx:
        left = [
            tx.connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (schema.login_link, schema.login_number, schema.session)
        ]
    assert left == [1, 0, 0]
