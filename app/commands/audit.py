"""`sitebell audit`: check the log, and hand it to somebody who checks it without us."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.wiring import command_records
from records import audit as audit_log
from records import chain
from records.chain import Fault, Head

app = typer.Typer(no_args_is_help=True)

SHOWN = 20

AnchorText = Annotated[
    str | None, typer.Option("--anchor", help="A head that was written down elsewhere: NUMBER:HASH.")
]


@app.command("verify")
def verify(
    *,
    anchor: AnchorText = None,
    export: Annotated[Path | None, typer.Option("--export", help="Check an exported file; needs no key.")] = None,
    without_keys: Annotated[bool, typer.Option("--without-keys", help="The chain alone.")] = False,
) -> None:
    """Check that no entry was changed, removed, added or moved; ends with 1 if one was."""
    head = _head(anchor)
    if export is not None:
        with export.open(encoding="ascii", errors="replace") as lines:
            faults = chain.verify_export(lines, head)
        sentence = "The export holds." if not faults else f"The export does NOT hold: {len(faults)} found."
    else:
        with command_records() as office, office.records.read() as tx:
            report = audit_log.verify(tx, with_keys=not without_keys, anchor=head)
        faults, sentence = report.faults, report.sentence
    typer.echo(sentence)
    _end(faults)


@app.command("export")
def export(
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A new file; standard output if it is not given.")] = None,
    opened: Annotated[
        bool, typer.Option("--opened", help="With contents: whoever has the file can read them.")
    ] = False,
) -> None:
    """The log as JSON lines. Check it with `sitebell audit verify --export FILE`, or with `records/chain.py` alone."""
    with command_records() as office, office.records.read() as tx:
        lines = audit_log.export(tx, opened=opened)
        if out is None:
            for line in lines:
                typer.echo(line)
            return
        out.touch(mode=0o600, exist_ok=False)
        with out.open("w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)


def _head(anchor: str | None) -> Head | None:
    try:
        return None if anchor is None else chain.parse_head(anchor)
    except ValueError:
        raise typer.BadParameter("write it as `audit verify` printed it: NUMBER:HASH") from None


def _end(faults: tuple[Fault, ...]) -> None:
    for fault in faults[:SHOWN]:
        typer.echo(str(fault), err=True)
    if faults:
        sys.exit(1)
