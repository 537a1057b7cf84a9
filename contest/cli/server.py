"""Commands about the installation: what is due, what is sealed, whether all is well, the first visit, the demonstration."""

import click
from flask.cli import AppGroup, with_appcontext

from contest import clock
from contest.cli.speaking import json_option, out, refusing, settings
from contest.config import ROOT
from contest.errors import Invalid
from contest.i18n import Speech
from contest.rules.refusals import Refusal
from contest.services import audit, health, seals
from contest.services.attempts import closing
from contest.services.demo import loading
from contest.services.members import setup

attempts = AppGroup("attempts", help="Attempts.")
audits = AppGroup("audit", help="The audit chain.")
sealed = AppGroup("seals", help="Seals over submissions.")
demo = AppGroup("demo", help="The demonstration contest.")


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
    while audit.seal(clock.now(), everything=True):
        pass
    problems = audit.verify()
    out({"problems": list(problems)}, as_json, *(problems or ["The chain is intact."]))
    raise SystemExit(1 if problems else 0)


@sealed.command("verify")
@click.option("--contest", "slug", help="Slug of the contest; without it, all of them.")
@json_option
def verify_seals(slug: str | None, as_json: bool) -> None:
    """Seal what waits, recompute every seal over submissions and name what was changed."""
    while seals.seal(clock.now()):
        pass
    problems = seals.verify(slug)
    out({"problems": list(problems)}, as_json, *(problems or ["All seals hold."]))
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
    click.echo(setup.setup_code(settings().secret_key))


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
    if settings().is_production:
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
