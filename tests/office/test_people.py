from uuid import uuid4

import pytest

from office import people as membership
from office.inviting import token_hash
from office.people_list import everybody
from records import people
from tests.office.vocabulary import Trial
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import SiteFunction


def asked(trial: Trial, token: str, chat: int):
    with trial.records.begin() as tx:
        return membership.claim_invite(tx, token_hash=token_hash(token), chat_id=chat, **trial.times)


def test_a_link_enrols_whoever_says_yes_in_the_chat_that_opened_it(trial: Trial):
    manager = trial.manager()
    invitation = trial.invited("Amina", site="417", language="ja", functions=frozenset({SiteFunction.IMAGING}))

    question = asked(trial, invitation.token, 71)
    assert question is not None
    assert (question.message.name, question.message.site_number, question.language) == ("Amina", "417", "ja")
    assert trial.joins(invitation.token, chat=71) == "ja"

    person = trial.person(invitation.person_id)
    assert (person.chat_id, person.can_be_told) == (71, True)
    assert trial.messages(person.id) == ["test_task"]
    assert trial.messages(manager)[-1] == "person_enrolled"
    assert trial.audit_holds()


def test_a_link_works_once_and_for_the_first_chat_alone(trial: Trial):
    invitation = trial.invited("Amina")
    assert asked(trial, invitation.token, 71) is not None

    assert asked(trial, invitation.token, 72) is None
    assert asked(trial, invitation.token, 71) is not None  # pressing Start again asks again
    trial.joins(invitation.token, chat=71)
    assert asked(trial, invitation.token, 71) is None


def test_a_link_ends_after_three_days_of_elapsed_time(trial: Trial):
    early, late = trial.invited("Amina"), trial.invited("Berta")
    trial.clock.forward_to(trial.clock.now().replace(year=2027))
    assert asked(trial, early.token, 71) is not None

    trial.wait(hours=72)

    assert asked(trial, late.token, 72) is None
    assert trial.joins(early.token, chat=71) is None


def test_a_guessed_link_is_of_no_use(trial: Trial):
    trial.invited("Amina")

    assert asked(trial, "A" * 32, 71) is None


def test_no_token_is_stored(trial: Trial):
    invitation = trial.invited("Amina")

    assert len(invitation.token) == 32  # 192 bits
    assert invitation.token not in repr(invitation)
    with trial.records.read() as tx:
        found = people.open_invite_by_hash(tx, token_hash(invitation.token), elapsed=trial.clock.elapsed())
    assert found is not None
    assert found.person_id == invitation.person_id


def test_inviting_again_closes_the_earlier_link(trial: Trial):
    first, second = trial.invited("Amina"), trial.invited("Amina")

    assert first.person_id == second.person_id
    assert asked(trial, first.token, 71) is None
    assert asked(trial, second.token, 71) is not None


def test_a_chat_that_is_somebody_elses_is_refused(trial: Trial):
    amina = trial.enrolled("Amina")
    chat = trial.person(amina).chat_id
    assert chat is not None

    assert asked(trial, trial.invited("Berta").token, chat) is None


def test_a_new_phone_takes_the_place_of_the_old_one(trial: Trial):
    amina = trial.enrolled("Amina")

    trial.joins(trial.invited("Amina").token, chat=99)

    assert trial.person(amina).chat_id == 99


def test_somebody_else_says_so_and_the_manager_hears_of_it(trial: Trial):
    manager = trial.manager()
    invitation = trial.invited("Amina")
    question = asked(trial, invitation.token, 71)
    assert question is not None

    with trial.records.begin() as tx:
        assert membership.decline(tx, question.invite_id, **trial.times)

    assert trial.person(invitation.person_id).chat_id is None
    assert trial.messages(manager)[-1] == "invite_refused"
    assert trial.messages(None) == ["invite_declined"]
    assert asked(trial, invitation.token, 71) is None
    assert trial.audit_holds()


def test_another_language_is_asked_in_from_then_on(trial: Trial):
    invitation = trial.invited("Amina", language="en")
    question = asked(trial, invitation.token, 71)
    assert question is not None

    with trial.records.begin() as tx:
        again = membership.speak(tx, question.invite_id, language="ja", **trial.times)

    assert again is not None
    assert again.language == trial.person(invitation.person_id).language == "ja"


def test_the_test_task_is_followed_by_the_privacy_notice(trial: Trial):
    amina = trial.enrolled("Amina")

    with trial.records.begin() as tx:
        membership.test_task_done(tx, amina, replaces=5, **trial.times)

    assert trial.messages(amina) == ["test_task", "test_task_done", "privacy_notice"]


def test_the_test_task_is_answered_once_for_each_enrolment(trial: Trial):
    amina = trial.enrolled("Amina")
    for _ in range(2):
        with trial.records.begin() as tx:
            membership.test_task_done(tx, amina, replaces=5, **trial.times)
    assert trial.messages(amina).count("privacy_notice") == 1
    trial.revoked("Amina")
    trial.wait(minutes=1)

    invitation = trial.invited("Amina")
    trial.joins(invitation.token, chat=77)
    with trial.records.begin() as tx:
        membership.test_task_done(tx, invitation.person_id, replaces=5, **trial.times)

    assert len(trial.audited("person.tested")) == 2


def test_a_manager_ends_the_access_of_a_newcomer_with_one_tap(trial: Trial):
    manager, amina = trial.manager(), trial.enrolled("Amina")
    chat = trial.person(amina).chat_id

    with trial.records.begin() as tx:
        allowed = membership.judge_newcomer(tx, manager_id=manager, person_id=amina, revoke=True, **trial.times)

    gone = trial.person(amina)
    assert allowed
    assert (gone.chat_id, gone.revoked_at) == (None, trial.clock.now())
    assert {row.void_because for row in trial.notices(person_id=amina)} == {"access_ended"}
    assert trial.messages(None) == ["access_ended"]
    assert trial.messages(manager)[-1] == "person_revoked"
    with trial.records.read() as tx:
        assert chat is not None
        assert people.person_by_chat(tx, chat) is None
    assert trial.audit_holds()


def test_whoever_would_keep_somebody_whose_access_has_ended_is_told_so(trial: Trial):
    first, second, amina = trial.manager("Manager A"), trial.manager("Manager B"), trial.enrolled("Amina")
    with trial.records.begin() as tx:
        membership.judge_newcomer(tx, manager_id=first, person_id=amina, revoke=True, **trial.times)

    with trial.records.begin() as tx:
        allowed = membership.judge_newcomer(tx, manager_id=second, person_id=amina, revoke=False, **trial.times)

    assert allowed
    assert "person_revoked" in trial.messages(second)
    assert "person_kept" not in trial.messages(second)
    assert trial.audited("person.kept") == []


def test_a_coordinator_decides_about_nobody(trial: Trial):
    amina, berta = trial.enrolled("Amina"), trial.enrolled("Berta")

    with trial.records.begin() as tx:
        allowed = membership.judge_newcomer(tx, manager_id=amina, person_id=berta, revoke=True, **trial.times)

    assert not allowed
    assert trial.person(berta).can_be_told


def test_a_freed_chat_can_be_invited_again(trial: Trial):
    amina = trial.enrolled("Amina")
    chat = trial.person(amina).chat_id
    assert chat is not None
    trial.revoked("Amina")

    again = trial.invited("Amina")

    assert again.person_id != amina
    assert trial.joins(again.token, chat=chat) == "en"


def test_everybody_is_listed_with_how_they_stand(trial: Trial):
    trial.manager()
    trial.enrolled("Amina")
    trial.invited("Berta")
    trial.enrolled("Claire")
    trial.revoked("Claire")
    trial.out_of_reach(trial.enrolled("Dora"))

    listed = {
        person.name: (person.site_number, person.standing)
        for person in everybody(trial.records, study_code=None, now=trial.clock.now())
    }

    assert listed == {
        "Manager A": (None, "enrolled"),
        "Amina": ("417", "enrolled"),
        "Berta": ("417", "invited"),
        "Claire": ("417", "revoked"),
        "Dora": ("417", "unreachable"),
    }


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"site": "471"}, "site: '471' is not a site of DREAM; did you mean 417"),
        ({"site": None}, "site: a coordinator belongs to a site; valid: 417, 501."),
        ({"site": "417", "role": Role.MANAGER}, "site: a manager belongs to all sites; leave the site out."),
        ({"name": " "}, "name: it is empty or too long; give 1 to 80 printable characters."),
        ({"language": "japanese!"}, "language: 'japanese!' is no language code; give a code such as en or ja."),
    ],
)
def test_a_bad_invitation_says_what_would_be_right_and_writes_nothing(trial: Trial, wrong, sentence):
    with pytest.raises(ProblemError) as problem:
        trial.invited(**{"name": "Amina", **wrong})

    assert sentence in str(problem.value)
    assert everybody(trial.records, study_code=None, now=trial.clock.now()) == ()


def test_revoking_somebody_who_is_not_there_says_so(trial: Trial):
    with pytest.raises(ProblemError, match="nobody of this name"):
        trial.revoked("Amina")


def test_nobody_is_kept_twice_under_one_unknown_id(trial: Trial):
    manager = trial.manager()

    with trial.records.begin() as tx:
        assert not membership.judge_newcomer(tx, manager_id=manager, person_id=uuid4(), revoke=True, **trial.times)
        assert not membership.end_access(tx, uuid4(), by=manager, **trial.times)
