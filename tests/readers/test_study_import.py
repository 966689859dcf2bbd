"""`sitebell study import`, as a study builder meets it."""

import json

import pytest
from typer.testing import CliRunner

from app.commands.study import app
from tests.readers.usdm_files import after, usdm, usual


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
    assert first == f"{plan}: a draft of ABC-1 3: 1 event, 3 visits, 3 questions"
    assert "\n3 asked (for somebody to decide; the questions stand in the draft):\n" in result.stdout
    assert f"  sitebell study preview {plan} --event dose=YYYY-MM-DD" in result.stdout
    assert run("check", plan).exit_code == 0
    assert (
        "wk2         firm    2026-02-14  2026-02-11  2026-02-17"
        in run("preview", plan, "--event", "dose=2026-01-31").stdout
    )


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
