"""Commands about people and units."""

import click
from flask.cli import AppGroup

from contest.cli.speaking import actor, as_option, json_option, out, read, refusing, say_problems
from contest.services import exchange, jobs
from contest.services.members import lists

members = AppGroup("members", help="People and units.")


@members.command("import")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@as_option
@json_option
@refusing
def import_members(file: str, dry_run: bool, member: str | None, as_json: bool) -> None:
    """Import units and members from an Excel or CSV file, in one transaction."""
    by = actor(member)
    plan = exchange.read_people(read(file), by=by)
    counts = exchange.people_counts(plan)
    problems = [jobs.told(p) for p in plan.problems]
    if not dry_run:
        lists.apply(plan, by=by)
    out(
        {**counts, "problems": problems, "dry_run": dry_run}, as_json, ", ".join(f"{k}: {v}" for k, v in counts.items())
    )
    if not as_json:
        say_problems(problems)
    raise SystemExit(1 if plan.errors else 0)
