"""Questions in and out of a bank: a plan of what an import would do, question by question, and exports."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from contest.db import db
from contest.formats.drafts import PartDraft, Place, Problem, QuestionDraft, Reading
from contest.formats.rich.questions import from_plain, in_one_form, words
from contest.formats.soundness import refusals_of
from contest.models.banks import Bank
from contest.rules.import_terms import TAKEN, Fate
from contest.rules.likeness import Likeness, fingerprint
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.services.banks import browsing, media
from contest.services.banks.media import Made

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a file and what it would be; what it is like is a question of the bank or a place among the items.

    With a `former_id` it would be a new version of the question `like_code`, whose current version that is.
    """

    position: int
    draft: QuestionDraft
    fate: Fate
    like_code: str | None = None
    like_position: int | None = None
    former_id: int | None = None

    @property
    def footing(self) -> tuple[object, ...]:
        """What the fate rests on; where it is another one, the question would not do what was seen."""
        return self.fate, self.like_code, self.like_position, self.former_id


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: every question that can be taken, every problem with its place, and the media that come along."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    media: Mapping[str, Made] = field(default_factory=dict)

    @property
    def new(self) -> tuple[QuestionDraft, ...]:
        return tuple(i.draft for i in self.items if i.fate is not Fate.UNCHANGED and i.former_id is None)

    @property
    def changed(self) -> tuple[QuestionDraft, ...]:
        found = (i for i in self.items if i.fate is not Fate.UNCHANGED and i.former_id is not None)
        return tuple(replace(i.draft, code=i.like_code) for i in found)

    @property
    def unchanged(self) -> tuple[QuestionDraft, ...]:
        return tuple(i.draft for i in self.items if i.fate is Fate.UNCHANGED)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def suggested(self) -> tuple[Item, ...]:
        """What is taken unless somebody decides otherwise: all but what contradicts and what is there already."""
        return tuple(i for i in self.items if i.fate in TAKEN)


def _as_of(text: str, *, of_rich: bool, rich: bool) -> str:
    """Return a text as one of a question that is rich, or plain."""
    return text if of_rich is rich else from_plain(text) if rich else words(text, rich=True)


def plan(bank_id: int | None, reading: Reading[QuestionDraft], progress: Progress = lambda done, total: None) -> Plan:
    """Compare what was read with a bank (None: one not made yet) without changing anything."""
    prepared = media.prepare(bank_id, reading)
    reading = prepared.reading
    codes = Counter(d.code for d in reading.drafts if d.code)
    comparing = _Comparing.of(bank_id, reading.drafts)
    named = {d.passage for d in reading.drafts if d.passage}
    coming = {d.code: d for d in reading.drafts if d.code in named and codes[d.code] == 1 and not refusals_of(d)}
    problems = list(reading.problems)
    for number, draft in enumerate(map(in_one_form, reading.drafts), start=1):
        progress(number, len(reading.drafts))
        refusals = refusals_of(draft)
        if draft.passage and not comparing.is_passage(draft.passage, coming):
            refusals = (*refusals, Refusal("no-such-passage", {"code": draft.passage}, "passage"))
        if draft.code and codes[draft.code] > 1:
            refusals = (Refusal("question-twice-in-file", {"code": draft.code}, "code"),)
        if refusals:
            problems += [Problem(r, draft.place, words_of(draft)[:120]) for r in refusals]
        else:
            comparing.items.append(comparing.judge(draft))
            problems += _warnings(comparing.items)
    return Plan(tuple(comparing.items), tuple(problems), prepared.made)


@dataclass(slots=True)
class _Comparing:
    """What a file is compared with: the bank, and what stands further up in the file, by words and by likeness."""

    known: Mapping[str | None, QuestionDraft]
    current: Mapping[str, int]
    likeness: Likeness
    by_text: Mapping[str, QuestionDraft]
    met: dict[str, tuple[str, QuestionDraft]]
    in_file: dict[str, int]
    items: list[Item]

    @classmethod
    def of(cls, bank_id: int | None, coming: Sequence[QuestionDraft]) -> "_Comparing":
        known = {d.code: d for d in (browsing.drafts_of(bank_id) if bank_id is not None else [])}
        current = browsing.current_ids(bank_id) if bank_id is not None else {}
        likeness = Likeness({str(code): words_of(d) for code, d in known.items()}, map(words_of, coming))
        by_text = {fingerprint(words_of(d)): d for d in known.values()}
        met = {words: (str(d.code), d) for words, d in by_text.items()}
        return cls(known, current, likeness, by_text, met, {}, [])

    def is_passage(self, code: str, coming: Mapping[str, QuestionDraft]) -> bool:
        """Say whether a code is a passage's: of one that the file brings and that can be taken, or else of the bank."""
        found = coming.get(code) or self.known.get(code)
        return found is not None and found.kind is Kind.PASSAGE

    def judge(self, draft: QuestionDraft) -> Item:
        position, words = len(self.items) + 1, fingerprint(words_of(draft))
        same = self.known.get(draft.code) if draft.code else self.by_text.get(words)
        if same is None or same.code is None:
            return self._new(position, draft, words)
        if draft.passage is None:  # few files can say it, and none takes a question out of its passage
            draft = replace(draft, passage=same.passage)
        if not draft.guidance and draft.kind is same.kind:
            draft = replace(draft, guidance=_as_of(same.guidance, of_rich=same.rich, rich=draft.rich))
        fate = Fate.CHANGED
        if _content(same) == _content(replace(draft, code=same.code)):
            fate = Fate.UNCHANGED
        elif not draft.code and key_of(same) != key_of(draft):
            fate = Fate.CONTRADICTING  # nothing but the words says that it is the same question
        former = self.current[same.code]
        return Item(position, draft, fate, same.code, None, former)

    def _new(self, position: int, draft: QuestionDraft, words: str) -> Item:
        label = draft.code or f"#{position}"
        same = self.met.get(words)
        contradicts = same is not None and key_of(same[1]) != key_of(draft)
        like = same[0] if same is not None and contradicts else self.likeness.nearest(words_of(draft))
        fate = Fate.CONTRADICTING if contradicts else Fate.NEAR if like else Fate.NEW
        at = self.in_file.get(like or "")
        self.likeness.add(label, words_of(draft))
        self.met.setdefault(words, (label, draft))
        self.in_file[label] = position
        return Item(position, draft, fate, None if at else like, at)


def _content(draft: QuestionDraft) -> QuestionDraft:
    return replace(draft, place=Place(), tags=tuple(sorted(draft.tags)), files=())


def words_of(draft: QuestionDraft) -> str:
    """Return the plain words of a question, by which questions are alike."""
    return words(draft.text, rich=draft.rich)


def key_of(draft: QuestionDraft) -> frozenset[str]:
    """Return the words of what is right about a question: of options, and of what is right of each part."""
    right = [words(o.text, rich=draft.rich) for o in draft.options if o.weight > 0]
    for number, part in enumerate(draft.parts, 1):
        right += [f"{number} {words(a.text, rich=draft.rich)}" for a in part.answers if a.weight > 0]
    return frozenset(map(fingerprint, right))


WARNED = {Fate.CONTRADICTING: "same-text-other-key", Fate.NEAR: "near-duplicate"}


def _warnings(items: Sequence[Item]) -> list[Problem]:
    """Return the warning about the last item: the same words with another key, or nearly the same words."""
    item = items[-1]
    if item.fate not in WARNED:
        return []
    other = items[item.like_position - 1].draft if item.like_position else None
    code = item.like_code or (other.code or f"{other.place.number}" if other else "")
    return [
        Problem(Refusal(WARNED[item.fate], {"code": code}), item.draft.place, words_of(item.draft)[:120], "warning")
    ]


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
        "areas": {x: o.area for x, o in zip(letters, draft.options, strict=True) if o.area},
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
        "most_files": draft.most_files,
        "file_kinds": [kind.value for kind in draft.file_kinds],
        "passage": draft.passage,
        "guidance": draft.guidance,
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
