"""Commands about contests: their settings as files, their standings, their results."""

from dataclasses import asdict

import click
from flask.cli import AppGroup

from contest.cli.speaking import actor, as_option, json_option, out, read, refusing, write
from contest.services import evidence, exports
from contest.services.contests import rounds, setup
from contest.services.regulations import loading, writing
from contest.services.results import overall, proof, settlement, tables

contests = AppGroup("contests", help="Contests.")
results = AppGroup("results", help="Results.")
standings = AppGroup("standings", help="Standings.")


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
    found = loading.read(read(file))
    loading.load(found, bank=bank, organiser=organiser, dry_run=dry_run, by=actor(member))
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
    write(writing.file_of(slug, by=actor(member)), output)


@standings.command("compute")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, every closed one.")
@as_option
@json_option
@refusing
def compute_standings(slug: str, number: int | None, member: str | None, as_json: bool) -> None:
    """Compute the final standings of closed rounds, and the running ones of the others."""
    done = settlement.compute_all(slug, number, by=actor(member))
    overall.compute_due()
    out(done, as_json, *(f"{d['round']}: version {d['version'] or '–'}, {d['participants']} people" for d in done))


@standings.command("evidence")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, required=True, help="Number of the round.")
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def write_evidence(slug: str, number: int, output: str | None, member: str | None) -> None:
    """Write all that a round's result follows from, with the program that recomputes it; nobody is named in it."""
    (row,) = rounds.of_number(setup.get_contest(slug, by=actor(member)).id, number)
    write(evidence.bundle(slug, row.code, by=actor(member)), output)


@standings.command("verify")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, all of them.")
@as_option
@json_option
@refusing
def verify_standings(slug: str, number: int | None, member: str | None, as_json: bool) -> None:
    """Recount results and places from papers, responses and keys, and name what differs."""
    proofs = proof.verify(slug, number, by=actor(member))
    for p in proofs if not as_json else []:
        held = f"{p.attempts} attempts, {p.people} people, {p.units} units"
        click.echo(f"{p.title}: version {p.version or '–'}, {held}: {len(p.differences)} differences")
        for d in p.differences:
            click.echo(f"  {d.kind} {d.name}, {d.field}: stored {d.stored}, recounted {d.recounted}")
    if as_json:
        out([asdict(p) for p in proofs], True)
    raise SystemExit(1 if any(p.differences for p in proofs) else 0)


form_option = click.option("--format", "form", type=click.Choice(["xlsx", "csv", "json"]), required=True)


@results.command("export")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, all of them.")
@form_option
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_results(slug: str, number: int | None, form: str, output: str | None, member: str | None) -> None:
    """Export results with the columns of the contract."""
    by = actor(member)
    code = tables.round_code(slug, number, by=by) if number is not None else None
    write(exports.results_file(slug, code, form, by=by), output)


@results.command("units")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, help="Number of the round; without it, each person once over all of them.")
@click.option("--today", is_flag=True, help="Sum up by the tree of units of today, not by that of the close.")
@form_option
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_units(slug: str, number: int | None, today: bool, form: str, output: str | None, member: str | None) -> None:
    """Export the comparison of units."""
    by = actor(member)
    code = tables.round_code(slug, number, by=by) if number is not None else None
    write(exports.units_file(slug, code, form, today=today, by=by), output)


@results.command("advanced")
@click.option("--contest", "slug", required=True)
@click.option("--round", "number", type=int, required=True, help="Number of the round that people advance to.")
@form_option
@click.option("--output", help="A file; without it, standard output.")
@as_option
@refusing
def export_advanced(slug: str, number: int, form: str, output: str | None, member: str | None) -> None:
    """Export the confirmed list of those who advance to a round."""
    by = actor(member)
    write(exports.advanced_file(slug, tables.round_code(slug, number, by=by), form, by=by), output)
