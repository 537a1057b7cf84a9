"""Commands of `flask --app wsgi …`, thin: each has a service behind it, exits non-zero on refusal, and speaks JSON."""

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from contest import clock
from contest.config import ROOT, Settings
from contest.errors import Invalid, Refused
from contest.i18n import Speech
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.services import audit, exchange, health, jobs
from contest.services.attempts import closing
from contest.services.banks import exchange as bank_exchange
from contest.services.banks import scoring
from contest.services.contests import regulations
from contest.services.demo import loading
from contest.services.members import lists, people, setup
from contest.services.results import overall, proof, settlement, tables

F = TypeVar("F", bound=Callable[..., Any])
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
as_option = click.option("--as", "member", help="Member code of the actor; without it, the system.")

attempts = AppGroup("attempts", help="Attempts.")
audits = AppGroup("audit", help="The audit chain.")
contests = AppGroup("contests", help="Contests.")
demo = AppGroup("demo", help="The demonstration contest.")
members = AppGroup("members", help="People and units.")
questions = AppGroup("questions", help="Banks of questions.")
results = AppGroup("results", help="Results.")
standings = AppGroup("standings", help="Standings.")


def register(app: Flask) -> None:
    """Add every command."""
    for command in (attempts, audits, contests, demo, members, questions, results, standings, check, setup_code):
        app.cli.add_command(command)


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _actor(code: str | None) -> Actor:
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


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        raise Invalid(Refusal("file-unreadable", {"name": path})) from None


def _write(data: bytes, output: str | None) -> None:
    if not output:
        sys.stdout.buffer.write(data)
        return
    try:
        Path(output).write_bytes(data)
    except OSError:
        raise Invalid(Refusal("file-unwritable", {"name": output})) from None


def _say_problems(problems: list[dict[str, Any]]) -> None:
    for p in problems:
        where = ", ".join(f"{k} {v}" for k, v in p["place"].items())
        click.echo(f"{where}: {Speech().said(Refusal(p['slug'], p['params']))}", err=True)


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
@with_appcontext
def check(as_json: bool) -> None:
    """Check configuration, durability, pending migrations and the clock."""
    pending = health.pending_migrations(str(ROOT / "migrations"))
    problems = [*health.durability_problems(), *health.clock_problems()]
    problems += [f"Migration {revision} is pending." for revision in pending]
    if as_json:
        out({"problems": problems}, True)
    for problem in problems if not as_json else []:
        click.echo(problem, err=True)
    if not problems and not as_json:
        click.echo("All is well.")
    raise SystemExit(1 if problems else 0)


@click.command("setup-code")
@with_appcontext
def setup_code() -> None:
    """Print the one-time code of the first visit."""
    click.echo(setup.setup_code(_settings().instance))


@contests.command("load")
@click.argument("file")
@click.option("--bank", required=True, help="Code of the bank that papers are drawn from.")
@click.option("--organiser", required=True, help="Code of the unit that organises and, with all below it, takes part.")
@click.option("--dry-run", is_flag=True, help="Say what would be set up and do nothing.")
@as_option
@json_option
@refusing
def load_contest(file: str, bank: str, organiser: str, dry_run: bool, member: str | None, as_json: bool) -> None:
    """Set a contest up as a draft from a file of settings, in one transaction."""
    found = regulations.read(_read(file))
    regulations.load(found, bank=bank, organiser=organiser, dry_run=dry_run, by=_actor(member))
    later = [part.title for part in found.later]
    document = {"contest": found.slug, "rounds": [r.title for r in found.rounds], "later": later, "dry_run": dry_run}
    lines = [f"{found.slug}: {len(found.rounds)} rounds", *(f"  later, not held here: {title}" for title in later)]
    out(document, as_json, *lines)


@contests.command("settings")
@click.option("--contest", "slug", required=True)
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def contest_settings(slug: str, output: str | None, member: str | None) -> None:
    """Write a contest's set-up as a file of settings that `load` reads."""
    _write(regulations.file_of(slug, by=_actor(member)), output)


@demo.command("load")
@click.option("--members", "count", default=4000, show_default=True)
@click.option("--attempts", "sittings", default=2600, show_default=True)
@click.option("--seed", default=2021, show_default=True)
@click.option("--password", help="One password for all accounts; without it, a random one is printed.")
@click.option("--bench", is_flag=True, help="Open the current round for a week, attempts unlimited.")
@json_option
@refusing
def load_demo(count: int, sittings: int, seed: int, password: str | None, bench: bool, as_json: bool) -> None:
    """Load the demonstration contest into an empty database; loaded already, change nothing but for --bench."""
    if _settings().is_production:
        raise Invalid(Refusal("development-only"))
    say = (lambda line: None) if as_json else click.echo
    loaded = loading.load(members=count, attempts=sittings, seed=seed, password=password, bench=bench, say=say)
    accounts = [code for code, _, _ in loaded.accounts]
    document = {"loaded": loaded.is_new, "contest": loading.SLUG, "password": loaded.password, "accounts": accounts}
    if not loaded.is_new:
        out(document, as_json, "Cuộc thi minh họa đã có sẵn, không thay đổi gì.")
        return
    lines = [
        f"  {code:<12} {Speech().label(role)}{f', {unit}' if unit else ''}" for code, role, unit in loaded.accounts
    ]
    out(document, as_json, f"Mật khẩu chung: {loaded.password}", "Tài khoản:", *lines)


@members.command("import")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@as_option
@json_option
@refusing
def import_members(file: str, dry_run: bool, member: str | None, as_json: bool) -> None:
    """Import units and members from an Excel or CSV file, in one transaction."""
    by = _actor(member)
    plan = exchange.read_people(_read(file), by=by)
    counts = exchange.people_counts(plan)
    problems = [jobs.told(p) for p in plan.problems]
    if not dry_run:
        lists.apply(plan, by=by)
    out(
        {**counts, "problems": problems, "dry_run": dry_run}, as_json, ", ".join(f"{k}: {v}" for k, v in counts.items())
    )
    if not as_json:
        _say_problems(problems)
    raise SystemExit(1 if plan.errors else 0)


@questions.command("import")
@click.argument("file")
@click.option("--bank", required=True, help="Code of the bank; an unknown one is made.")
@click.option("--format", "form", type=click.Choice(["gift", "xlsx", "csv"]), help="Recognised when not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@as_option
@json_option
@refusing
def import_questions(file: str, bank: str, form: str | None, dry_run: bool, member: str | None, as_json: bool) -> None:
    """Import questions into a bank, in one transaction; they go into review."""
    by = _actor(member)
    plan = exchange.plan_questions(bank, exchange.Upload(file, _read(file)), form=form, by=by)
    if not dry_run:
        bank_exchange.apply(bank, plan, by=by)
    problems = [jobs.told(p) for p in plan.problems]
    read = [bank_exchange.as_data(d) for d in (*plan.new, *plan.changed, *plan.unchanged)]
    line = f"new: {len(plan.new)}, changed: {len(plan.changed)}, unchanged: {len(plan.unchanged)}, errors: {len(plan.errors)}"
    out({"questions": read, "problems": problems}, as_json, line)
    if not as_json:
        _say_problems(problems)
    raise SystemExit(1 if plan.errors else 0)


@questions.command("export")
@click.option("--bank", required=True)
@click.option("--format", "form", type=click.Choice(["gift", "xlsx", "csv", "json"]), required=True)
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_questions(bank: str, form: str, output: str | None, member: str | None) -> None:
    """Export a bank's questions; what the format cannot carry is said on standard error."""
    by = _actor(member)
    if form == "json":
        found = [bank_exchange.as_data(d) for d in bank_exchange.drafts(bank, by=by)]
        _write(json.dumps(found, ensure_ascii=False, indent=1).encode(), output)
        return
    data, problems = exchange.questions_file(bank, form, by=by)
    _write(data, output)
    _say_problems([jobs.told(p) for p in problems])


@questions.command("score")
@click.option("--bank", required=True)
@as_option
@refusing
def score_questions(bank: str, member: str | None) -> None:
    """Score JSON lines {"question": code, "response": …} from standard input."""
    scorer = scoring.Scorer(bank, by=_actor(member))
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(scorer.score(line), ensure_ascii=False))


@standings.command("compute")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, every closed one.")
@as_option
@json_option
@refusing
def compute_standings(slug: str, number: int | None, member: str | None, as_json: bool) -> None:
    """Compute the final standings of closed rounds, and the running ones of the others."""
    done = settlement.compute_all(slug, number, by=_actor(member))
    overall.compute_due()
    out(done, as_json, *(f"{d['round']}: version {d['version'] or '–'}, {d['participants']} people" for d in done))


@standings.command("verify")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, all of them.")
@as_option
@json_option
@refusing
def verify_standings(slug: str, number: int | None, member: str | None, as_json: bool) -> None:
    """Recount results and places from papers, responses and keys, and name what differs."""
    proofs = proof.verify(slug, number, by=_actor(member))
    for p in proofs if not as_json else []:
        held = f"{p.attempts} attempts, {p.people} people, {p.units} units"
        click.echo(f"{p.title}: version {p.version or '–'}, {held}: {len(p.differences)} differences")
        for d in p.differences:
            click.echo(f"  {d.kind} {d.name}, {d.field}: stored {d.stored}, recounted {d.recounted}")
    if as_json:
        out([asdict(p) for p in proofs], True)
    raise SystemExit(1 if any(p.differences for p in proofs) else 0)


@results.command("export")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, all of them.")
@click.option("--format", "form", type=click.Choice(["xlsx", "csv", "json"]), required=True)
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_results(slug: str, number: int | None, form: str, output: str | None, member: str | None) -> None:
    """Export results with the columns of the contract."""
    by = _actor(member)
    code = tables.round_code(slug, number, by=by) if number is not None else None
    _write(exchange.results_file(slug, code, form, by=by), output)
