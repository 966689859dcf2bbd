"""`sitebell doctor`: what an administrator would want to know, one line each, and an exit code that scripts can ask."""

import sys
from importlib.metadata import version

import typer

from app.wiring import Office, command_records
from locales import catalogue_version, languages
from office.disclosure import Disclosure
from office.health import Health, health
from office.sites import listed_sites
from office.study_files import study_from_text
from records import audit, outages
from records.database import Records
from scheduler.auditing import missing_lately
from scheduler.definitions import Definitions

WORDS = {
    "tick_late": "the metronome has not ticked for over 90 seconds: is the service running?",
    "receive_late": "no updates were fetched from Telegram for over two minutes",
    "send_late": "a message has waited for over five minutes",
}


def register(cli: typer.Typer) -> None:
    cli.command("doctor")(doctor)


def doctor() -> None:
    """Check this installation; ends with 1 when something needs a person."""
    with command_records() as office:
        lines = [*_installation(office), *_service(health(office.records, elapsed=office.clock.elapsed()))]
        lines += _pages(office)
        lines += _held(office.records)
        lines += _steps(office)
        lines += _audit(office.records)
    for good, sentence in lines:
        typer.echo(f"{'ok   ' if good else 'LOOK '} {sentence}")
    if not all(good for good, _ in lines):
        sys.exit(1)


def _installation(office: Office) -> list[tuple[bool, str]]:
    kind = "the demo's" if office.records.demo else "real work"
    spoken = ", ".join(f"{code} ({info.status})" for code, info in languages().items())
    return [
        (True, f"database: {office.records.dialect}, {kind}, opens with the key that is configured"),
        (True, f"time zone rules: tzdata {version('tzdata')}"),
        (True, f"languages: {spoken}; catalogue {catalogue_version()}"),
    ]


def _service(state: Health) -> list[tuple[bool, str]]:
    found = [(False, WORDS[word]) for word in state.problems] or [(True, "service: ticking, receiving and sending")]
    found.append((state.inbox_failed == 0, f"inbox: {state.inbox_open} open, {state.inbox_failed} given up"))
    bad = state.notices_unknown + state.notices_failed
    found.append((bad == 0, f"notices: {state.notices_unknown} unknown, {state.notices_failed} failed"))
    return found


def _pages(office: Office) -> list[tuple[bool, str]]:
    """Whether sites whose chats name nothing can open the pages on which they answer."""
    sites = (listed.site for listed in listed_sites(office.records))
    found = [site for site in sites if site.disclosure == Disclosure.TASK_ONLY]
    if not found:
        return []
    reached = bool(office.settings.pages(office.settings.web_port))
    numbers = ", ".join(sorted(site.number for site in found))
    if reached:
        return [(True, f"pages: sites whose chats name nothing ({numbers}) can open them")]
    return [(False, f"pages: SITEBELL_WEB_URL is not set, so sites whose chats name nothing ({numbers}) cannot answer")]


def _held(records: Records) -> list[tuple[bool, str]]:
    """Whether sending waits for somebody, since a long outage."""
    with records.read() as tx:
        held = outages.held_outage(tx)
    if held is None:
        return []
    since = f"{held.trial_from:%Y-%m-%d %H:%M} UTC"
    return [
        (False, f"outage: nothing is sent since an outage that began on {since}; sitebell outage release lets it go")
    ]


def _steps(office: Office) -> list[tuple[bool, str]]:
    """Whether each step of the last days that was due has rung, or is accounted for."""
    missing = missing_lately(office.records, Definitions(study_from_text), now=office.clock.now())
    if not missing:
        return [(True, "steps: every step of the last days that was due is accounted for")]
    shown = ", ".join(sorted({one.step.value for one in missing}))
    return [(False, f"steps: {len(missing)} that were due have left nothing ({shown}); see `sitebell office items`")]


def _audit(records: Records) -> list[tuple[bool, str]]:
    with records.read() as tx:
        report = audit.verify(tx, with_keys=True)
    return [(report.holds, report.sentence)]
