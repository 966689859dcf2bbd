"""The `sitebell` command. What a person did wrong ends with a sentence and exit code 2, what is wrong with the installation with 78."""

import sys
from typing import NoReturn

import typer
from typer.core import TyperGroup

from app.commands import (
    audit,
    claims,
    doctor,
    export,
    hold,
    invite,
    items,
    keys,
    login_link,
    migrate,
    outage,
    patient,
    people,
    replies,
    run,
    settings,
    site,
    study,
)
from app.logs import tell_the_end
from records.errors import RecordsError, TamperedRecord
from trial.problems import ProblemError

DOES_NOT_HOLD = 1
USED_WRONGLY = 2
BROKEN = 70
UNUSABLE = 74
MISCONFIGURED = 78  # the supervising parent does not start again what ends with it

cli = typer.Typer(
    name="sitebell",
    help="Rings each trial site when a visit or a scan is due, and keeps at it, politely, until somebody answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a pretty traceback shows local values
    cls=TyperGroup,
)

cli.add_typer(study.app, name="study", help="Study files: check them, preview every date.")
cli.add_typer(site.app, name="site", help="Sites.")
cli.add_typer(patient.app, name="patient", help="Patients and the events of their course.")
cli.add_typer(people.app, name="people", help="Who is enrolled, away, responsible, and when to write to them.")
cli.add_typer(claims.app, name="claims", help="Claimed uploads: verify them, or query them.")
cli.add_typer(hold.app, name="hold", help="What is let be until a day.")
cli.add_typer(items.app, name="office", help="What the trial office has to look at.")
cli.add_typer(outage.app, name="outage", help="When Sitebell itself was silent.")
cli.add_typer(replies.app, name="replies", help="How plain replies are understood.")
cli.add_typer(keys.app, name="keys", help="The key that opens everything.")
cli.add_typer(audit.app, name="audit", help="The audit trail.")
cli.add_typer(export.app, name="export", help="Copies that people can read.")
for module in (run, migrate, invite, login_link, doctor, settings):
    module.register(cli)


def main() -> None:
    """Run one command. Whatever goes wrong ends with a sentence: a traceback may quote what a person wrote."""
    try:
        cli()
    except ProblemError as problem:
        _end(str(problem), USED_WRONGLY)
    except RecordsError as problem:
        _end(str(problem), MISCONFIGURED)
    except TamperedRecord as problem:
        _end(f"The records do not hold: {problem}; `sitebell audit verify` tells more.", DOES_NOT_HOLD)
    except OSError as problem:
        _end(f"{problem.filename or 'A file or a connection'} cannot be used: {problem.strerror}.", UNUSABLE)
    except Exception as problem:  # noqa: BLE001 - the last place where its text can be kept back
        tell_the_end(problem)
        sys.exit(BROKEN)


def _end(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
