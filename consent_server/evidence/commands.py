"""Operator commands for the log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from consent_server.evidence import continuity, founding, recovery, rotation, service, succession
from consent_server.evidence.faults import LogFault
from consent_server.evidence.keys import log_folder
from consent_server.settings import Settings

log_commands = AppGroup("log", help="The consent log.")


@contextmanager
def _said() -> Iterator[None]:
    """Faults in words, without a traceback."""
    try:
        yield
    except LogFault as fault:
        raise click.ClickException(str(fault)) from None


@log_commands.command("init")
@click.option("--successor", is_flag=True, help="End the present log and begin the one that LOG_ORIGIN names.")
def init(successor: bool) -> None:
    """Start the log: fix its origin, and make its signing key where there is none.

    Prints the verifier key. Give it to auditors by a way that does not lead through this server.
    """
    with _said():
        origin, first = succession.succeed() if successor else founding.found()[:2]
    click.echo(f"The log is {origin}.\nIts verifier key:\n{service.verifier_key() or first}")


@log_commands.command("rotate")
def rotate() -> None:
    """Announce a new signing key. The next checkpoint is signed by the old and the new key, later ones by the new."""
    with _said():
        key = rotation.rotate()
    click.echo(f"The new verifier key:\n{key}\nKeep the old signing key until the next checkpoint is signed.")


@log_commands.command("recover")
def recover() -> None:
    """After a restored backup: put the leaves back that the database lacks, and erase again what was erased."""
    with _said():
        done = recovery.recover()
    click.echo(f"Leaves put back: {done.again}, {done.known} of them with a row that waited for its place.")
    if done.waiting:
        click.echo(f"Leaves sealed since the restoration that wait again: {done.waiting}.")
    after: list[Callable[[], None]] = current_app.extensions.get("after-recovery", [])
    for follow in after:
        follow()


@log_commands.command("adopt")
@click.argument("note", type=click.File(encoding="utf-8"))
def adopt(note: TextIO) -> None:
    """After the folder of the log was lost: go on from a checkpoint that somebody kept.

    Take the newest that a witness, an auditor or the daily message has: what was signed after it is not known here.
    """
    settings: Settings = current_app.config["SETTINGS"]
    with _said():
        size = continuity.adopt(settings, log_folder(settings), note.read())
    click.echo(f"The log goes on from {size} leaves.")


@log_commands.command(
    "verify", context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def verify_command(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Check a receipt, a bundle, a sample or two checkpoints offline; `--help` says how."""
    # A program of its own; the server takes no memory for it.
    from consent_server.evidence import verify

    context.exit(verify.main(list(arguments)))
