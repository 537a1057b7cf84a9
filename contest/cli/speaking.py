"""How every command speaks: options they share, refusals on standard error, JSON or lines, files in and out."""

import functools
import json
import shutil
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeVar

import click
from flask import current_app

from contest.config import Settings
from contest.errors import Invalid, Refused
from contest.i18n import Speech
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.services.members import people

F = TypeVar("F", bound=Callable[..., Any])
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
as_option = click.option("--as", "member", help="Member code of the actor; without it, the system.")


def settings() -> Settings:
    """Return the settings of the application that the command runs in."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def actor(code: str | None) -> Actor:
    """Return who acts: a member, or the system where none is named."""
    return SYSTEM if code is None else people.get_actor(code)


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


def read(path: str) -> bytes:
    """Return what a file holds; raises Invalid where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        raise Invalid(Refusal("file-unreadable", {"name": path})) from None


def write(data: bytes | IO[bytes], output: str | None) -> None:
    """Write to a file, or to standard output where none is named."""
    source = BytesIO(data) if isinstance(data, bytes) else data
    if not output:
        shutil.copyfileobj(source, sys.stdout.buffer)
        return
    try:
        with Path(output).open("wb") as target:
            shutil.copyfileobj(source, target)
    except OSError:
        raise Invalid(Refusal("file-unwritable", {"name": output})) from None


def say_problems(problems: list[dict[str, Any]]) -> None:
    """Say on standard error what is wrong with a file, each problem with its place."""
    for p in problems:
        where = ", ".join(f"{k} {v}" for k, v in p["place"].items())
        click.echo(f"{where}: {Speech().said(Refusal(p['slug'], p['params']))}", err=True)
