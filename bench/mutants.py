"""Damaged files by the thousand: each is read or refused in words, in time, and a refused one leaves no row.

.venv/bin/python -m bench.mutants [--files 20000] [--format gift] [--seed 19450902] [--planned 200]

The files of a format are the same for the same seed. `--planned` of them are imported into an empty database of their own
as the command does it: questions that a plan refuses, or none at all, may not be in it afterwards.
"""

import argparse
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from bench.mutating import damaged_archive, damaged_text, unstyled
from bench.riches import rich_samples
from contest import config, create_app
from contest.db import db
from contest.formats.readers import READERS
from contest.gateways import assets
from contest.models.banks import Bank, Question
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Kind
from contest.rules.refusals import TEXTS
from contest.services import exchange
from contest.services.banks import imports
from tests.kinds import sample

LONGEST = 10  # seconds that one file may take
_WORD = [
    *["word/document.xml"] * 5,
    "word/styles.xml",
    "word/numbering.xml",
    "_rels/.rels",
    "word/_rels/document.xml.rels",
]
_WORD += ["customXml/formulas.xml", "word/media/image1.png"]
_WORKBOOK = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"]

Damage = Callable[[bytes, random.Random], bytes]
DAMAGES: Mapping[str, Damage] = {
    **dict.fromkeys(("csv", "gift", "aiken", "moodle"), damaged_text),
    "xlsx": lambda sound, chance: damaged_archive(sound, _WORKBOOK, chance),
    "docx": lambda sound, chance: damaged_archive(sound, _WORD, chance),
}


@dataclass(slots=True)
class Tally:
    """What became of the files of a format."""

    read: int = 0
    questions: int = 0
    refused: int = 0
    longest: float = 0
    faults: list[str] = field(default_factory=list)


def mutants(form: str, seed: int, count: int) -> Iterator[bytes]:
    """Yield the damaged files of a format, each made of questions of every kind that it carries, and of rich ones.

    Every second document of Word is one as people write it, which does not say how it is to be read.
    """
    chance = random.Random(f"{seed} {form}")
    drafts = [sample(kind, topic=("Luật", "Chương & mục"), tags=("mới", "<c>")) for kind in Kind]
    sound = exchange.WRITERS[form]([*drafts, *rich_samples()])[0]
    sources = [sound, unstyled(sound)] if form == "docx" else [sound]
    return (DAMAGES[form](sources[number % len(sources)], chance) for number in range(count))


def look_at(form: str, data: bytes, tally: Tally) -> None:
    """Read a file and note what became of it."""
    begun = time.perf_counter()
    try:
        reading = READERS[exchange.READER_OF.get(form, form)].read(data)
    except Exception as fault:  # noqa: BLE001  (whatever it is, it is what this program looks for)
        tally.faults.append(f"{type(fault).__name__}: {fault}"[:200])
        return
    took = time.perf_counter() - begun
    tally.longest = max(tally.longest, took)
    tally.read += bool(reading.drafts)
    tally.questions += len(reading.drafts)
    tally.refused += not reading.drafts
    if took > LONGEST:
        tally.faults.append(f"took {took:.0f} s")
    if not (reading.drafts or reading.problems):
        tally.faults.append("neither read nor refused")
    tally.faults += [f"no words for {p.refusal.slug}" for p in reading.problems if p.refusal.slug not in TEXTS]


def plan_and_apply(form: str, files: Iterator[bytes], tally: Tally) -> int:
    """Import files into a database of their own, each into a bank of its own; returns how many went in."""
    done = 0
    for number, data in enumerate(files):
        bank = f"bank-{number}"
        try:
            plan = exchange.plan_questions(bank, exchange.Upload(f"x.{form}", data), form=form, by=SYSTEM)
            if plan.new:
                imports.apply(bank, plan.items, by=SYSTEM, file=f"x.{form}", made=plan.media)
        except Exception as fault:  # noqa: BLE001  (as above)
            db.session.rollback()
            tally.faults.append(f"import: {type(fault).__name__}: {fault}"[:200])
            continue
        rows = db.session.scalar(
            sa.select(sa.func.count(Question.id)).join(Bank, Bank.id == Question.bank_id).where(Bank.code == bank)
        )
        if rows != len(plan.new):
            tally.faults.append(f"{rows} rows of {len(plan.new)} questions")
        done += bool(plan.new)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--format", choices=list(DAMAGES), action="append")
    parser.add_argument("--seed", type=int, default=19450902)
    parser.add_argument("--planned", type=int, default=200)
    options = parser.parse_args()
    is_sound = True
    for form in options.format or DAMAGES:
        tally = Tally()
        begun = time.perf_counter()
        for data in mutants(form, options.seed, options.files):
            look_at(form, data, tally)
        with tempfile.TemporaryDirectory() as folder:
            imported = _imported(form, Path(folder), options, tally)
        print(
            f"{form:7} {options.files} files in {time.perf_counter() - begun:.0f} s: {tally.read} read "
            f"({tally.questions} questions), {tally.refused} refused; the longest {tally.longest:.2f} s; "
            f"{imported} of {options.planned} imported; faults {len(tally.faults)}",
            flush=True,
        )
        for fault in sorted(set(tally.faults))[:20]:
            print(f"    {fault}", flush=True)
        is_sound = is_sound and not tally.faults
    raise SystemExit(0 if is_sound else 1)


def _imported(form: str, folder: Path, options: argparse.Namespace, tally: Tally) -> int:
    environ = {
        "DATABASE_URL": f"sqlite:///{folder / 'mutants.db'}",
        "INSTANCE_PATH": str(folder),
        "APP_ENV": "test",
        "SECRET_KEY": secrets.token_hex(32),
    }
    assets.build(config.ROOT / "static", folder / "assets")
    app = create_app(config.load(environ))
    with app.app_context():
        upgrade()
        return plan_and_apply(form, mutants(form, options.seed + 1, options.planned), tally)


if __name__ == "__main__":
    main()
