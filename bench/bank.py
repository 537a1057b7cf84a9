"""A large bank: how long the preview of a file takes, its import, its undoing, and the search for questions that are alike.

.venv/bin/python -m bench.bank [--database sqlite|postgresql] [--questions 5000] [--bank 20000]

The file is previewed against a bank that holds half of it already, a tenth of that changed; then so many questions are
written straight into the bank as are missing, and all are searched.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask

from bench.sites import database, environment
from contest import clock, config, create_app, worker
from contest.formats.drafts import OptionDraft, QuestionDraft, Reading
from contest.formats.tables import write_questions
from contest.rules.import_terms import Fate
from contest.rules.question_terms import Kind
from contest.services import exchange, jobs
from contest.services.banks import exchange as bank_exchange
from contest.services.banks import imports, likenesses, previews, shelf, undoing
from tests import people

BANK = "lon"
WORDS = tuple(f"từ{n}" for n in range(800))
RARITY = [1 / (n + 1) for n in range(len(WORDS))]  # as words are in any language


def drafts(count: int) -> list[QuestionDraft]:
    """Return questions of eight to thirty words; every tenth is the one before it but for a word."""
    rng = random.Random(1)
    found: list[list[str]] = []
    for n in range(count):
        words = found[-1].copy() if n % 10 == 9 else rng.choices(WORDS, RARITY, k=rng.randint(8, 30))
        words[-1] = f"câu{n}"
        found.append(words)
    return [_draft(n, " ".join(words)) for n, words in enumerate(found)]


def _draft(number: int, text: str) -> QuestionDraft:
    options = tuple(OptionDraft(f"Phương án {x} của câu {number}", Decimal(x == "A")) for x in "ABCD")
    return QuestionDraft(f"C-{number:05}", Kind.SINGLE_CHOICE, text, options, (f"Chương {number % 20}",))


def timed(name: str, work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}: {time.perf_counter() - begun:.1f} s, peak so far {peak} MB", flush=True)
    return found


def run(app: Flask, questions: int, bank: int) -> None:
    flask_migrate.upgrade()
    people.organisation()
    by = people.administrator()
    shelf.create_bank(BANK, BANK, by=by)
    bank_id = bank_exchange.find_bank(BANK)
    file, known = drafts(questions), drafts(questions)[: questions // 2]
    known[::10] = [replace(d, explanation="Khác") for d in known[::10]]
    into = bank_exchange.plan(bank_id, Reading(tuple(known), ()))
    timed(f"import of {len(known)}", lambda: imports.apply(BANK, into.items, by=by, file="cu.xlsx"))
    upload = exchange.Upload("cau-hoi.xlsx", write_questions(file, format="xlsx"))
    code = exchange.ask_preview("questions-preview", upload, by=by, bank=BANK)
    timed(f"preview of {questions}", lambda: worker.run_once(app))
    for fate in Fate:
        timed(f"a page of {fate}", partial(previews.list_items, code, fate, 2, of=by))
    job = jobs.get_job(code, of=by)
    exchange.ask_apply(job, by=by)
    timed("the import", lambda: worker.run_once(app))
    seal = timed("a look at undoing it", lambda: undoing.look(BANK, 2, by=by)).seal
    timed("undoing it", lambda: undoing.undo(BANK, 2, seen=seal, by=by))
    rest = bank_exchange.plan(bank_id, Reading(tuple(drafts(bank)[len(known) :]), ()))
    imports.apply(BANK, rest.items, by=by, file="moi.xlsx")
    pairs = timed(f"search of {bank}", lambda: likenesses.search(BANK, by=by))
    timed(f"a page of {pairs} pairs", lambda: likenesses.list_pairs(BANK, 1, by=by))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.bank", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--questions", type=int, default=5_000)
    parser.add_argument("--bank", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(args.database, Path(folder)) as url:
        app = create_app(config.load(environment(Path(folder), url)))
        clock.now()
        with app.app_context():
            run(app, args.questions, args.bank)


if __name__ == "__main__":
    main()
