"""Damaged files by the thousand: each is read or refused in words, in time, and a refused one leaves no row.

.venv/bin/python -m bench.mutants [--files 20000] [--format gift] [--seed 19450902] [--planned 200] [--only 17]

The file of a number is the same for the same seed; `--only` writes it to standard output. All are read in a child with the
memory of the airlock, which is watched: one that crashes it or takes it longer than ten seconds is a fault, and the next is
read in another. `--planned` more go into an empty database of their own as the command does it, each behind the airlock:
questions that a plan refuses, or none at all, may not be in it afterwards. What contestants hand in (`handed`) is no question.
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade
from PIL import Image

from bench import watching
from bench.mutating import damaged_archive, damaged_handed, damaged_package, damaged_text, damaged_xml, unstyled
from bench.riches import rich_samples
from contest import config, create_app
from contest.db import db
from contest.formats.drafts import FileDraft, QuestionDraft
from contest.formats.passages import together
from contest.formats.readers import READERS
from contest.gateways import assets
from contest.models.banks import Bank, Question
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions import TOLD
from contest.rules.refusals import TEXTS
from contest.services import exchange
from contest.services.banks import imports
from tests.formats import handed
from tests.kinds import sample

LONGEST = 10  # seconds that one file may take
MEMORY = 1024  # MB: what the airlock gives a reader, and what the rest of the program has that this child is made of
_WORD = [
    *["word/document.xml"] * 5,
    "word/styles.xml",
    "word/numbering.xml",
    "_rels/.rels",
    "word/_rels/document.xml.rels",
]
_WORD += ["customXml/formulas.xml", "word/media/image1.png"]
_WORKBOOK = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"]
_PARTS = {"aiken": 1}  # files of which the samples are made; it carries few kinds
_MAP = "ban-do-400x300.png"

Damage = Callable[[bytes, random.Random], bytes]
DAMAGES: Mapping[str, Damage] = {
    **dict.fromkeys(("csv", "gift", "aiken"), damaged_text),
    "moodle": damaged_xml,
    "xlsx": lambda sound, chance: damaged_archive(sound, _WORKBOOK, chance),
    "docx": lambda sound, chance: damaged_archive(sound, _WORD, chance),
    **dict.fromkeys(("qti21", "qti22", "qti3"), damaged_package),
    "handed": damaged_handed,
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader made of a file."""

    questions: int
    fault: str = ""


@dataclass(slots=True)
class Tally:
    """What became of the files of a format; `faults` are told with the numbers of their files."""

    read: int = 0
    questions: int = 0
    refused: int = 0
    longest: float = 0
    faults: list[str] = field(default_factory=list)

    def add(self, outcome: watching.Outcome[Look]) -> None:
        look = outcome.found or Look(0)
        self.longest = max(self.longest, outcome.took)
        self.read += bool(look.questions)
        self.questions += look.questions
        self.refused += not look.questions
        if fault := outcome.lost or look.fault:
            self.faults.append(f"{outcome.number}: {fault}")


@cache
def sound_files(form: str) -> Sequence[bytes]:
    """Return files that together hold a question of every kind that a format carries, some with a passage, some rich.

    Every second document of Word is one as people write it, which does not say how it is to be read.
    """
    if form == "handed":
        return handed.samples()
    answered = [kind for kind in Kind if kind not in TOLD]
    parts = _PARTS.get(form, 3)
    written = [_written(form, answered[n::parts]) for n in range(parts)]
    written.append(exchange.WRITERS[form](rich_samples())[0])
    return [*written, *map(unstyled, written)] if form == "docx" else written


def _written(form: str, kinds: Sequence[Kind]) -> bytes:
    told = [_full(kind) for kind in sorted(TOLD)]
    first, *others = map(_full, kinds)
    return exchange.WRITERS[form](together([*told, replace(first, passage="K-passage"), *others]))[0]


def _full(kind: Kind) -> QuestionDraft:
    """Return a question of a kind with all that is said of questions."""
    files = (FileDraft(_MAP, _png()),) if kind is Kind.HOTSPOT else ()
    draft = sample(kind, topic=("Luật", "Chương & mục"), tags=("mới", "<c>"), source="Điều 1", files=files)
    return replace(draft, difficulty=Difficulty.RECALL)


def _png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    return out.getvalue()


def mutant(form: str, seed: int, number: int) -> bytes:
    """Return a damaged file of a format."""
    chance = random.Random(f"{seed} {form} {number}")
    return DAMAGES[form](chance.choice(sound_files(form)), chance)


def look_at(form: str, data: bytes) -> Look:
    """Read a file and say what became of it."""
    try:
        reading = READERS[exchange.READER_OF.get(form, form)].read(data)
    except Exception as fault:  # noqa: BLE001  (whatever it is, it is what this program looks for)
        return Look(0, f"{type(fault).__name__}: {fault}"[:200])
    untold = sorted({p.refusal.slug for p in reading.problems} - TEXTS.keys())
    if not (reading.drafts or reading.problems):
        return Look(0, "neither read nor refused")
    return Look(len(reading.drafts), f"no words for {', '.join(untold)}" if untold else "")


def plan_and_apply(form: str, seed: int, count: int, tally: Tally) -> int:
    """Import files into a database of their own, each into a bank of its own; returns how many went in."""
    done = 0
    for number in range(count):
        bank, data = f"bank-{number}", mutant(form, seed, number)
        try:
            plan = exchange.plan_questions(bank, exchange.Upload(f"x.{form}", data), form=form, by=SYSTEM)
            if plan.items:
                imports.apply(bank, plan.items, by=SYSTEM, file=f"x.{form}", made=plan.media)
        except Exception as fault:  # noqa: BLE001  (as above)
            db.session.rollback()
            tally.faults.append(f"import {number}: {type(fault).__name__}: {fault}"[:200])
            continue
        rows = db.session.scalar(
            sa.select(sa.func.count(Question.id)).join(Bank, Bank.id == Question.bank_id).where(Bank.code == bank)
        )
        if rows != len(plan.items):
            tally.faults.append(f"import {number}: {rows} rows of {len(plan.items)} questions")
        done += bool(plan.items)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--format", choices=list(DAMAGES), action="append")
    parser.add_argument("--seed", type=int, default=19450902)
    parser.add_argument("--planned", type=int, default=200)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    if options.only is not None:
        sys.stdout.buffer.write(mutant((options.format or ["gift"])[0], options.seed, options.only))
        return
    were_sound = [_is_sound(form, options) for form in options.format or DAMAGES]
    raise SystemExit(0 if all(were_sound) else 1)


def _is_sound(form: str, options: argparse.Namespace) -> bool:
    """Try the files of a format, say what became of them, and return whether there was no fault."""
    tally, begun = Tally(), time.perf_counter()
    sound_files(form)  # made once, before there are children

    def look(number: int) -> Look:
        return look_at(form, mutant(form, options.seed, number))

    for outcome in watching.each(look, options.files, seconds=LONGEST, memory_mb=MEMORY):
        tally.add(outcome)
    with tempfile.TemporaryDirectory() as folder:
        imported = _imported(form, Path(folder), options, tally) if options.planned and form in exchange.WRITERS else 0
    print(
        f"{form:6} {options.files} files in {time.perf_counter() - begun:.0f} s: {tally.read} read "
        f"({tally.questions} questions), {tally.refused} refused; the longest {tally.longest:.2f} s; "
        f"{imported} of {options.planned} imported; faults {len(tally.faults)}",
        flush=True,
    )
    for fault in tally.faults[:20]:
        print(f"    {fault}", flush=True)
    return not tally.faults


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
        return plan_and_apply(form, options.seed + 1, options.planned, tally)


if __name__ == "__main__":
    main()
