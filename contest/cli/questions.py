"""Commands about banks of questions."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from contest.cli.speaking import actor, as_option, json_option, out, read, refusing, say_problems, write
from contest.services import exchange, jobs
from contest.services.banks import exchange as bank_exchange
from contest.services.banks import imports, scoring

questions = AppGroup("questions", help="Banks of questions.")


@questions.command("import")
@click.argument("file")
@click.option("--bank", required=True, help="Code of the bank; an unknown one is made.")
@click.option("--format", "form", type=click.Choice(exchange.QUESTION_FORMATS), help="Recognised when not given.")
@click.option("--convert", type=click.Choice(exchange.OLD_CODES), help="Take an old code page for what it says it is.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@as_option
@json_option
@refusing
def import_questions(
    file: str, bank: str, form: str | None, convert: str | None, dry_run: bool, member: str | None, as_json: bool
) -> None:
    """Import questions into a bank, in one transaction; they go into review, and the import can be undone as a whole."""
    by = actor(member)
    plan = exchange.plan_questions(bank, exchange.Upload(file, read(file)), form=form, convert=convert, by=by)
    if not dry_run:
        imports.apply(bank, plan.items, by=by, file=Path(file).name, made=plan.media)
    problems = [jobs.told(p) for p in plan.problems]
    taken = [bank_exchange.as_data(d) for d in (*plan.new, *plan.changed, *plan.unchanged)]
    line = f"new: {len(plan.new)}, changed: {len(plan.changed)}, unchanged: {len(plan.unchanged)}, errors: {len(plan.errors)}"
    out({"questions": taken, "problems": problems}, as_json, line)
    if not as_json:
        say_problems(problems)
    raise SystemExit(1 if plan.errors else 0)


@questions.command("export")
@click.option("--bank", required=True)
@click.option("--format", "form", type=click.Choice([*exchange.QUESTION_FORMATS, "json"]), required=True)
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_questions(bank: str, form: str, output: str | None, member: str | None) -> None:
    """Export a bank's questions; what the format cannot carry is said on standard error."""
    by = actor(member)
    if form == "json":
        found = [bank_exchange.as_data(d) for d in bank_exchange.drafts(bank, by=by)]
        write(json.dumps(found, ensure_ascii=False, indent=1).encode(), output)
        return
    data, problems = exchange.questions_file(bank, form, by=by)
    write(data, output)
    say_problems([jobs.told(p) for p in problems])


@questions.command("score")
@click.option("--bank", required=True)
@as_option
@refusing
def score_questions(bank: str, member: str | None) -> None:
    """Score JSON lines {"question": code, "response": …} from standard input."""
    scorer = scoring.Scorer(bank, by=actor(member))
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(scorer.score(line), ensure_ascii=False))
