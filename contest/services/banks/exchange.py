"""Questions in and out of a bank: a plan of what an import would do, the import itself, and exports."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.formats.drafts import PartDraft, Place, Problem, QuestionDraft, Reading
from contest.formats.rich.questions import in_one_form, words
from contest.formats.soundness import refusals_of
from contest.models.banks import Bank, Question
from contest.rules.likeness import Likeness, fingerprint
from contest.rules.permissions import Actor
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.services import audit
from contest.services.banks import browsing, editing, media, shelf
from contest.services.banks.editing import OptionIds
from contest.services.banks.media import Made


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: the drafts by fate, every problem with its place, and the media that come with them."""

    new: tuple[QuestionDraft, ...]
    changed: tuple[QuestionDraft, ...]
    unchanged: tuple[QuestionDraft, ...]
    problems: tuple[Problem, ...]
    media: Mapping[str, Made] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")


def plan(bank_id: int | None, reading: Reading[QuestionDraft]) -> Plan:
    """Compare what was read with a bank (None: one not made yet) without changing anything."""
    prepared = media.prepare(bank_id, reading)
    reading = prepared.reading
    known = {d.code: d for d in (browsing.drafts_of(bank_id) if bank_id is not None else [])}
    by_text = {fingerprint(_words(d)): d for d in known.values()}
    likeness = Likeness({str(code): _words(d) for code, d in known.items()})
    met = dict(by_text)  # with what stands further up in the file
    codes = Counter(d.code for d in reading.drafts if d.code)
    new: list[QuestionDraft] = []
    changed: list[QuestionDraft] = []
    unchanged: list[QuestionDraft] = []
    problems = list(reading.problems)
    for draft in map(in_one_form, reading.drafts):
        refusals = refusals_of(draft)
        if draft.code and codes[draft.code] > 1:
            refusals = (Refusal("question-twice-in-file", {"code": draft.code}, "code"),)
        if refusals:
            problems += [Problem(r, draft.place, _words(draft)[:120]) for r in refusals]
            continue
        same = known.get(draft.code) if draft.code else by_text.get(fingerprint(_words(draft)))
        if same is None:
            problems += _likenesses(draft, met, likeness)
            new.append(draft)
            label = draft.code or f"{draft.place.number}"
            likeness.add(label, _words(draft))
            met.setdefault(fingerprint(_words(draft)), replace(draft, code=label))
        elif _content(same) == _content(replace(draft, code=same.code)):
            unchanged.append(draft)
        else:
            changed.append(replace(draft, code=same.code))
    return Plan(tuple(new), tuple(changed), tuple(unchanged), tuple(problems), prepared.made)


def _words(draft: QuestionDraft) -> str:
    return words(draft.text, rich=draft.rich)


def _content(draft: QuestionDraft) -> QuestionDraft:
    return replace(draft, place=Place(), tags=tuple(sorted(draft.tags)))


def _likenesses(draft: QuestionDraft, met: dict[str, QuestionDraft], likeness: Likeness) -> list[Problem]:
    """Return the warnings about a new question: the same words with another key, or nearly the same words."""
    told = _words(draft)
    same = met.get(fingerprint(told))
    if same is not None and _key(same) != _key(draft):
        refusal = Refusal("same-text-other-key", {"code": same.code or ""})
        return [Problem(refusal, draft.place, told[:120], "warning")]
    near = likeness.nearest(told)
    if near is None:
        return []
    return [Problem(Refusal("near-duplicate", {"code": near}), draft.place, told[:120], "warning")]


def _key(draft: QuestionDraft) -> frozenset[str]:
    return frozenset(fingerprint(words(o.text, rich=draft.rich)) for o in draft.options if o.weight > 0)


def apply(
    bank_code: str,
    found: Plan,
    *,
    by: Actor,
    name: str | None = None,
    option_id: OptionIds = editing.new_option_id,
) -> None:
    """Carry a plan out in one transaction: what is new and what changed goes into review."""
    at = clock.now()
    with transaction():
        bank = db.session.scalar(sa.select(Bank).where(Bank.code == bank_code))
        if bank is None:
            shelf.create_bank(bank_code, name or bank_code, by=by)
        bank = shelf.get_bank(bank_code, by=by)
        for draft in (media.adopt(bank.id, d, found.media, by=by, at=at) for d in found.new):
            editing.add_question(bank.id, draft, VersionState.IN_REVIEW, by=by, at=at, option_id=option_id)
        changed = [media.adopt(bank.id, d, found.media, by=by, at=at) for d in found.changed]
        _revise(bank.id, changed, by, at, option_id)
        counts = {"new": len(found.new), "changed": len(found.changed), "unchanged": len(found.unchanged)}
        audit.record("questions-imported", "bank", bank.id, by=by, at=at, **counts)


def _revise(bank_id: int, drafts: Sequence[QuestionDraft], by: Actor, at: datetime, option_id: OptionIds) -> None:
    for draft in drafts:
        row = db.session.scalar(sa.select(Question).where(Question.bank_id == bank_id, Question.code == draft.code))
        if row is not None:
            editing.revise(row, draft, VersionState.IN_REVIEW, by=by, at=at, option_id=option_id)


def find_bank(code: str) -> int | None:
    """Return a bank's id, or None for one that is not made yet."""
    return db.session.scalar(sa.select(Bank.id).where(Bank.code == code))


def drafts(bank_code: str, *, by: Actor) -> list[QuestionDraft]:
    """Return the current versions of a bank with their keys."""
    return browsing.versions_for_export(bank_code, by=by)


def as_data(draft: QuestionDraft) -> dict[str, object]:
    """Return a question as plain data: options by letter, the key, weights as decimal strings, and the parts."""
    letters = [chr(65 + i) for i in range(len(draft.options))]
    return {
        "code": draft.code,
        "kind": draft.kind.value,
        "text": draft.text,
        "options": dict(zip(letters, (o.text for o in draft.options), strict=True)),
        "key": [letter for letter, o in zip(letters, draft.options, strict=True) if o.weight > 0],
        "weights": dict(zip(letters, (as_text(o.weight) for o in draft.options), strict=True)),
        "feedback": {x: o.feedback for x, o in zip(letters, draft.options, strict=True) if o.feedback},
        "topic": "/".join(draft.topic),
        "difficulty": draft.difficulty.value if draft.difficulty else None,
        "tags": list(draft.tags),
        "source": draft.source,
        "effective_on": draft.effective_on.isoformat() if draft.effective_on else None,
        "explanation": draft.explanation,
        "rich": draft.rich,
        "parts": [_part_as_data(part) for part in draft.parts],
        "least_words": draft.least_words,
        "most_words": draft.most_words,
    }


def _part_as_data(part: PartDraft) -> dict[str, object]:
    return {
        "kind": part.kind.value,
        "text": part.text,
        "answers": [{"text": a.text, "weight": as_text(a.weight), "feedback": a.feedback} for a in part.answers],
        "unit": part.unit,
        "with_case": part.with_case,
        "with_accents": part.with_accents,
    }
