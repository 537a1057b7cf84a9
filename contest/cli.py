"""Commands of `flask --app wsgi …`, thin: each has a service behind it, exits non-zero on refusal, and speaks JSON."""

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from contest import clock
from contest.config import ROOT, Settings
from contest.errors import Refused
from contest.i18n import Speech
from contest.services import audit, health
from contest.services.attempts import closing

F = TypeVar("F", bound=Callable[..., Any])


def register(app: Flask) -> None:
    """Add every group of commands."""
    for group in (attempts, audits):
        app.cli.add_command(group)
    app.cli.add_command(check)


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def refusing(command: F) -> F:
    """Print refusals on standard error and exit with 1."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refused as refused:
            for refusal in refused.refusals:
                click.echo(Speech().said(refusal), err=True)
            raise SystemExit(1) from None

    return wrapped  # type: ignore[return-value]


def out(document: Any, as_json: bool, *lines: str) -> None:
    """Print one JSON document, or the lines meant for people."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")

attempts = AppGroup("attempts", help="Attempts.")
audits = AppGroup("audit", help="The audit chain.")


@attempts.command("close-due")
@json_option
def close_due(as_json: bool) -> None:
    """Close and score the attempts whose time is over."""
    closed = closing.close_due()
    out({"closed": closed}, as_json, f"{closed} attempts closed.")


@audits.command("verify")
@json_option
def verify_audit(as_json: bool) -> None:
    """Recompute the audit chain and name what was changed."""
    audit.seal(clock.now())
    problems = audit.verify()
    out({"problems": list(problems)}, as_json, *(problems or ["The chain is intact."]))
    raise SystemExit(1 if problems else 0)


@click.command("check")
@json_option
def check(as_json: bool) -> None:
    """Check configuration, durability, pending migrations and the clock."""
    pending = health.pending_migrations(str(ROOT / "migrations"))
    problems = [*health.durability_problems(), *health.clock_problems()]
    problems += [f"Migration {revision} is pending." for revision in pending]
    out({"problems": problems}, as_json, *(problems or ["All is well."]))
    raise SystemExit(1 if problems else 0)
