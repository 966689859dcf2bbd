"""`sitebell study import`, as a study builder meets it."""

import json
import re

import pytest
from typer.testing import CliRunner

from app.commands.study import app
from office.study_files import document_of
from office.study_writing import study_text
from tests.readers.usdm_files import after, fixed, timeline, usdm, usual, visit


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "protocol.json"
    path.write_text(json.dumps(usdm(usual(wk2=after("WK2", "P2W", window="-3..3 days")))), encoding="utf-8")
    return path


@pytest.fixture
def plan(tmp_path):
    return tmp_path / "plan.yaml"


def test_a_protocol_becomes_a_file_that_can_be_checked_and_previewed(protocol, plan):
    result = run("import", protocol, "--out", plan)

    assert (result.exit_code, result.stderr) == (0, "")
    first, *_ = result.stdout.splitlines()
    assert first == f"{plan}: a draft of ABC-1 3: 1 event, 3 visits, 4 questions"
    assert (
        "\n4 questions for somebody to decide, in the draft under questions "
        "(they come from 4 places in the file, shown with -):\n" in result.stdout
    )
    assert f"  sitebell study preview {plan} --event dose=YYYY-MM-DD" in result.stdout
    assert run("check", plan).exit_code == 0
    assert (
        "wk2         firm    2026-02-14  2026-02-11  2026-02-17"
        in run("preview", plan, "--event", "dose=2026-01-31").stdout
    )


def test_a_draft_whose_questions_are_answered_as_they_say_has_none_left(tmp_path, plan):
    stop = timeline("Stopping", [visit("ET")], [fixed("ET")], entryCondition="Patient stops")
    file = usdm(usual(), stop, activities=[{"id": "ACT", "name": "CT scan"}])
    (tmp_path / "protocol.json").write_text(json.dumps(file), encoding="utf-8")
    told = run("import", tmp_path / "protocol.json", "--out", plan).stdout
    asked = dict(re.findall(r"^  (\w+): (.*)$", told, re.MULTILINE))
    snippets = {name: re.findall(r"`(.+?)`", text) for name, text in asked.items()}

    document = read(plan.read_text(encoding="utf-8"))
    assert [question["id"] for question in document["questions"]] == list(snippets)
    visits = {one["id"]: one for one in document["visits"]}
    consent, estimate, _ = snippets["before_anchor"]
    death, lost, *_ = snippets["leaving"]
    del document["events"]["dose"]["required"]
    document["events"] |= read(consent) | read(death) | read(lost)
    document["events"]["dose"] |= read(estimate)
    document["events"]["et"] |= read(snippets["event_timeline_et"][0]) | read(snippets["event_timeline_et"][1])
    for name in ("screen", "wk2"):
        visits[name] |= read(snippets["no_window_screen"][0]) | read(snippets["imaging"][0])
    document["questions"] = [document["questions"][0] | {"answer": "Yes, Manager A"}]
    document["events"] = {"consent": document["events"].pop("consent")} | document["events"]
    plan.write_text(study_text(document), encoding="utf-8")

    checked = run("check", plan)
    assert (checked.exit_code, "without an answer" in checked.stdout) == (0, False)
    rows = run("preview", plan, "--event", "consent=2026-01-17").stdout
    assert "screen      provisional  2026-01-17  2026-01-14  2026-01-20  upload due 2026-01-23" in rows
    assert "wk2         provisional  2026-02-14  2026-02-11  2026-02-17  upload due 2026-02-20" in rows


def read(text: str):
    return document_of(text, "plan.yaml")


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(protocol, plan):
    plan.write_text("mine\n", encoding="utf-8")
    refused = run("import", protocol, "--out", plan)

    assert (refused.exit_code, plan.read_text(encoding="utf-8")) == (2, "mine\n")
    assert f"{plan}: the file is there already; give another name, or --replace to write over it." in refused.stderr
    assert run("import", protocol, "--out", plan, "--replace").exit_code == 0
    assert plan.read_text(encoding="utf-8").startswith("format: visitplan/1\n")


def test_the_protocol_itself_is_never_written_over(protocol):
    before = protocol.read_bytes()
    result = run("import", protocol, "--out", protocol, "--replace")

    assert (result.exit_code, protocol.read_bytes()) == (2, before)


def test_a_file_that_is_refused_leaves_nothing_behind(protocol, plan):
    protocol.write_text("{", encoding="utf-8")
    result = run("import", protocol, "--out", plan)

    assert (result.exit_code, result.stdout, plan.exists()) == (2, "", False)
    assert result.stderr == "protocol.json line 1: this is not JSON; save it again from where it was made.\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_protocol_is_known_by_what_it_holds_in_whichever_utf_it_is_written(encoding, protocol, plan):
    protocol.write_bytes(f"\n [{protocol.read_text(encoding='utf-8')}]".encode(encoding))

    assert run("import", protocol, "--out", plan).exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("none.json", None, "there is no such file"),
        ("plan.json", b'{"resourceType": "PlanDefinition"}', "FHIR, which is not read yet"),
        ("plan.xml", b'<PlanDefinition xmlns="http://hl7.org/fhir"/>', "FHIR, which is not read yet"),
        ("study.xml", b'\xef\xbb\xbf<?xml version="1.0"?><ODM/>', "CDISC's ODM, which is not read yet"),
        ("page.html", b"<html></html>", "this is in no format that can be imported"),
        ("empty.json", b"", "this is in no format that can be imported"),
    ],
)
def test_what_cannot_be_imported_is_told_in_a_sentence(name, content, told, tmp_path, plan):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run("import", path, "--out", plan)

    assert (result.exit_code, plan.exists()) == (2, False)
    assert told in result.stderr


def test_a_folder_that_is_not_there_is_told_in_a_sentence(protocol, tmp_path):
    result = run("import", protocol, "--out", tmp_path / "nowhere" / "plan.yaml")

    assert result.exit_code == 2
    assert "the file cannot be written; check the folder." in result.stderr
