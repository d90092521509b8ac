"""Operator commands for decisions."""

import sys
from typing import Any

import click
from flask.cli import AppGroup

from consent_server.consent import replay, retention
from consent_server.extensions import db
from consent_server.sites import service as sites

retention_commands = AppGroup("retention", help="Deleting decisions that were kept for long enough.")


@retention_commands.command("run")
@click.option("--dry-run", is_flag=True, help="Only say how many would go.")
def run(dry_run: bool) -> None:
    """Delete every decision that is older than its site keeps proofs, and whose age the log proves.

    It can be interrupted and run again at will; run it daily.
    """
    rules = [retention.rule_of(site) for site in sites.all_keys()]
    for rule in rules:
        old = retention.count_old(rule)
        db.session.rollback()
        with _bar(old, f"{rule.site}: {old} decisions are old enough to be looked at.") as bar:
            count = retention.count_due(rule, bar.update) if dry_run else retention.run(rule, bar.update).events
        done = "are due" if dry_run else "were deleted"
        kept = f"; {old - count} more are as old, but not proven to be" if old > count else ""
        click.echo(f"{rule.site}: {count} decisions from before {rule.cutoff:%Y-%m-%d} {done}{kept}.")
    if not dry_run:
        for name in retention.drop_empty_partitions(rules):
            click.echo(f"{name}: empty, dropped.")


def _bar(length: int, label: str) -> Any:
    """Progress, beside what the command says."""
    return click.progressbar(length=length, label=label, file=sys.stderr)


def replay_erasures() -> None:
    """Erases again what a restored backup brought back, by the journal of erasures; says how many."""
    count = replay.count_events()
    db.session.rollback()
    with _bar(count, f"{count} decisions are looked for in the journal of erasures.") as bar:
        erased = replay.replay(bar.update)
    click.echo(f"Decisions erased again: {erased}.")
