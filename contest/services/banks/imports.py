"""Imports of questions: a file is taken into a bank as one thing, on record, so that it can be undone as one thing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import breathe, db, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.banks import Bank, Question
from contest.models.imports import Import, ImportedVersion
from contest.models.members import Member
from contest.rules.import_terms import Fate
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind, VersionState
from contest.rules.refusals import Refusal
from contest.services import audit
from contest.services.banks import editing, media, needs, shelf
from contest.services.banks.editing import OptionIds
from contest.services.banks.exchange import Item, Progress
from contest.services.banks.media import Made
from contest.services.banks.shelf import get_bank

AT_ONCE = 100  # questions that are stored together


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as a bank's page lists it; `by` is "" for the system, `undone` has the codes that went, came back, stayed."""

    number: int
    name: str
    by: str
    at: datetime
    counts: dict[str, int]
    undone: dict[str, list[str]] | None
    undone_by: str
    undone_at: datetime | None


def apply(
    bank_code: str,
    items: Sequence[Item],
    *,
    by: Actor,
    file: str,
    made: Mapping[str, Made] = {},  # read only
    name: str | None = None,
    option_id: OptionIds = editing.new_option_id,
    progress: Progress = lambda done, total: None,
) -> int:
    """Take items into a bank, into review, and return the import's number in its bank, from 1.

    It is one transaction, or on SQLite parts between which others write, its record before the first of them; an import that
    breaks off between two can be undone, or given again.

    An unknown bank is made. Where nothing was to be taken there is no import, and its number is 0.
    """
    at = clock.now()
    taken = [i for i in items if i.fate is not Fate.UNCHANGED]
    taken.sort(key=lambda item: item.draft.kind is not Kind.PASSAGE)  # first the passages that others name
    with transaction():
        if db.session.scalar(sa.select(Bank.id).where(Bank.code == bank_code)) is None:
            shelf.create_bank(bank_code, name or bank_code, by=by)
        bank = get_bank(bank_code, by=by)
        counts = {"new": sum(i.former_id is None for i in taken), "unchanged": len(items) - len(taken)}
        counts["changed"] = len(taken) - counts["new"]
        row = Import(bank_id=bank.id, number=_next(bank.id), name=file[:200], counts=counts, by_id=by.member_id, at=at)
        if taken:
            db.session.add(row)
            db.session.flush()
        number = row.number if taken else 0
        audit.record("questions-imported", "bank", bank.id, by=by, at=at, **counts, of_import=number)
        for at_once in range(0, len(taken), AT_ONCE):
            progress(at_once, len(taken))
            part = [
                replace(item, draft=media.adopt(bank.id, item.draft, made, by=by, at=at))
                for item in taken[at_once : at_once + AT_ONCE]
            ]
            db.session.add_all(_take(bank.id, row.id, part, by=by, at=at, option_id=option_id))
            db.session.flush()
            breathe()
    return number


def _next(bank_id: int) -> int:
    """Return the next number of an import; imports into one bank wait for each other."""
    needs.hold(bank_id)
    return int(db.session.scalar(sa.select(sa.func.max(Import.number)).where(Import.bank_id == bank_id)) or 0) + 1


def _take(
    bank_id: int, import_id: int, items: Sequence[Item], *, by: Actor, at: datetime, option_id: OptionIds
) -> list[ImportedVersion]:
    """Store some items at once and return what each made; raises Invalid for a new question whose code is taken."""
    codes = [item.like_code if item.former_id else item.draft.code for item in items]
    known = _locked(bank_id, [code for code in codes if code])
    taken = [
        c for c, item in zip(codes, items, strict=True) if c in known and known[c].current_id and not item.former_id
    ]
    if taken:
        raise Invalid(Refusal("question-code-taken", field="code"))
    free = _free_codes(bank_id, {code for code in codes if code})
    questions = []
    for code, item in zip(codes, items, strict=True):
        question = known.get(code or "") or Question(bank_id=bank_id, code=code or next(free), tags=[], changed_at=at)
        former = ImportedVersion(import_id=import_id, former_id=question.current_id, former_tags=list(question.tags))
        question.tags, question.changed_at = list(item.draft.tags), at
        questions.append((question, item.draft, former))
    db.session.add_all(question for question, _, _ in questions)
    db.session.flush()
    numbers = editing.last_numbers([question.id for question, _, _ in questions])
    written = [(question, draft, numbers.get(question.id, 0) + 1) for question, draft, _ in questions]
    editing.add_versions(bank_id, written, VersionState.IN_REVIEW, by=by, at=at, option_id=option_id)
    for question, _, former in questions:
        former.version_id = question.current_id or 0
    return [former for _, _, former in questions]


def _locked(bank_id: int, codes: Sequence[str]) -> dict[str, Question]:
    """Return code → question of those that are there, or were, locked for the transaction."""
    query = sa.select(Question).where(Question.bank_id == bank_id, Question.code.in_(codes)).order_by(Question.id)
    found = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {question.code: question for question in found}


def _free_codes(bank_id: int, coming: set[str]) -> Iterator[str]:
    """Yield codes that no question of the bank has, nor one that comes with it."""
    known = {row[0] for row in rows(sa.select(Question.code).where(Question.bank_id == bank_id))} | coming
    return (code for n in count(len(known) + 1) if (code := f"C-{n:04d}") not in known)


def list_imports(bank_code: str, *, by: Actor) -> list[ImportView]:
    """Return the imports of a bank, the latest first."""
    bank = get_bank(bank_code, by=by)
    return [_view(row) for row in rows(_viewed(Import.bank_id == bank.id).order_by(Import.number.desc()))]


def get_import(bank_code: str, number: int, *, by: Actor) -> ImportView:
    """Return an import of a bank; raises NotFound."""
    bank = get_bank(bank_code, by=by)
    found = rows(_viewed(Import.bank_id == bank.id, Import.number == number))
    if not found:
        raise NotFound
    return _view(found[0])


def _viewed(*where: sa.ColumnElement[bool]) -> sa.Select[tuple[Import, str, str]]:
    author, undoer = aliased(Member), aliased(Member)
    return (
        sa.select(Import, author.full_name, undoer.full_name)
        .outerjoin(author, author.id == Import.by_id)
        .outerjoin(undoer, undoer.id == Import.undone_by_id)
        .where(*where)
        .execution_options(populate_existing=True)
    )


def _view(row: sa.Row[tuple[Import, str, str]]) -> ImportView:
    made, by, undone_by = row
    return ImportView(
        made.number, made.name, by or "", made.at, made.counts, made.undone, undone_by or "", made.undone_at
    )
