"""Gathered questions to drafts: the key from every place that tells it, the fields, and what keeps one from being asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from contest.formats.drafts import (
    CODE_LIMIT,
    SHORT_LIMIT,
    TEXT_LIMIT,
    OptionDraft,
    Place,
    Problem,
    QuestionDraft,
)
from contest.formats.tables.keys import (
    LETTERS,
    is_true_false,
    read_key,
    read_statement,
    read_true_false,
    read_truths,
    weights_of,
)
from contest.formats.tables.parts import CHOICES, Made
from contest.formats.tables.question_columns import BAD_KIND, DIFFICULTIES, KINDS
from contest.formats.tags import split_tags
from contest.formats.taking import EXCERPT, NotTaken, cleaned, sound
from contest.formats.word.cells import plain_of, read_choices, read_parts
from contest.formats.word.lines import Line
from contest.formats.word.marks import Marked, Means, marked_options
from contest.formats.word.questions import RICH_FIELDS, Question
from contest.formats.word.rich import has_thing
from contest.formats.word.texts import Texts, marking_looks, wants_rich
from contest.formats.word.things import Thing
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal
from contest.rules.text import birth_date, canonical, fold

T = TypeVar("T")

_STATEMENTS = re.compile(r"\b(?:đúng|sai|đ|s)\b", re.IGNORECASE)
_WORDS = {fold(TRUE), fold(FALSE)}
_TRUE_SHORT = {"Đ", "đ"}
_WITH_TEXT = re.compile(r"\(?([A-Za-z])[.)/:]\s+(.+)")
_ESSAYS = re.compile(r"\btu luan\b")
_TRAILING = " .;,)]"
MOST_SHOWN_MB = 40


@dataclass(slots=True)
class Judge:
    """Judges questions one by one; `passed` are the ways of marking that mark nothing in this document."""

    passed: frozenset[Means]
    things: Sequence[Thing] = ()
    problems: list[Problem] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)
    _weight: int = 0  # of the pictures of all questions, one that several show as often as they do

    def judge(self, question: Question) -> QuestionDraft | None:
        """Return the question as a draft, or note why it is none."""
        objections = [*_objections(question)]
        if not objections:
            try:
                return self._draft(question)
            except NotTaken as reason:
                objections = [(refusal, question.line) for refusal in reason.refusals]
        for refusal, line in objections:
            excerpt = line.excerpt or question.line.excerpt
            self.problems.append(Problem(refusal, Place(paragraph=line.paragraph), excerpt))
        return None

    def _draft(self, question: Question) -> QuestionDraft:
        texts = Texts(self.things, wants_rich(question), marking_looks(question.options))
        kind = _one_of(KINDS, question, "kind", BAD_KIND) or _kind_in_cells(question)
        if kind is None or kind in CHOICES:
            kind, made = self._choice(question, texts, kind)
        else:
            typed = [question.said("words")] if "words" in question.fields else question.keys or question.list_keys
            made = read_parts(kind, question.options, cleaned("\n".join(typed), TEXT_LIMIT), texts)
        draft = QuestionDraft(
            code=self._code(question),
            kind=kind,
            text=texts.read(question.text, TEXT_LIMIT),
            options=made.options,
            topic=question.topic,
            difficulty=_one_of(DIFFICULTIES, question, "difficulty", Refusal("bad-difficulty")) or question.level,
            source=cleaned(question.said("source"), SHORT_LIMIT),
            effective_on=_day(question),
            explanation=texts.read(question.fields.get("explanation", ()), TEXT_LIMIT),
            guidance=texts.read(question.fields.get("guidance", ()), TEXT_LIMIT),
            tags=_tags(question),
            rich=texts.is_rich,
            place=Place(paragraph=question.line.paragraph),
            parts=made.parts,
            least_words=made.least_words,
            most_words=made.most_words,
            most_files=made.most_files,
            file_kinds=made.file_kinds,
            passage=cleaned(question.said("passage"), CODE_LIMIT, multiline=False) or None,
        )
        return self._with_files(sound(draft), texts, question)

    def _with_files(self, draft: QuestionDraft, texts: Texts, question: Question) -> QuestionDraft:
        """Return a draft with its pictures. Raises NotTaken where those of all questions are too many to be carried."""
        files = tuple(texts.kept.files.values())
        self._weight += sum(len(file.content) for file in files)
        if files and self._weight > MOST_SHOWN_MB * 2**20:
            raise NotTaken(Refusal("word-pictures-heavy", {"limit": MOST_SHOWN_MB}))
        if texts.kept.lacks_words:
            place = Place(paragraph=question.line.paragraph)
            self.problems.append(Problem(Refusal("media-without-words"), place, question.line.excerpt, "warning"))
        return replace(draft, files=files)

    def _choice(self, question: Question, texts: Texts, told: Kind | None) -> tuple[Kind, Made]:
        """Return the kind of a question with options to tick, and the options with their weights."""
        said = [plain_of(option) for option in question.options]
        marked = self._key(question, said)
        is_statement = not said or (len(said) == 2 and {fold(text) for text in said} == _WORDS)
        guess = Kind.TRUE_FALSE if is_statement else Kind.MULTIPLE_CHOICE if len(marked) > 1 else Kind.SINGLE_CHOICE
        options = read_choices(question.options, texts) or [TRUE, FALSE]
        weights = weights_of(told or guess, dict.fromkeys(marked), len(options))
        return told or guess, Made(tuple(map(OptionDraft, options, weights)))

    def _key(self, question: Question, texts: Sequence[str]) -> Marked:
        """Return which options are right; what tells it must tell the same everywhere."""
        marked = marked_options(question.options, self.passed)
        if len(marked) > 1:
            first, second, *_ = sorted(map(_letters, marked))
            raise NotTaken(Refusal("word-marks-differ", {"first": first, "second": second}))
        told = {_read(typed, texts) for typed in question.keys}
        listed = {_read(typed, texts) for typed in question.list_keys}
        if len(told | listed) > 1:
            first, second, *_ = sorted(map(_letters, told | listed))
            raise NotTaken(Refusal("word-keys-differ", {"first": first, "second": second}))
        if marked and told | listed and marked != told | listed:
            raise NotTaken(
                Refusal(
                    "word-mark-not-key",
                    {"marked": _letters(next(iter(marked))), "key": _letters(next(iter(told | listed)))},
                )
            )
        found = marked | told | listed
        if not found:
            raise NotTaken(Refusal("word-no-key" if texts else "word-no-options"))
        return next(iter(found))

    def _code(self, question: Question) -> str | None:
        code = cleaned(question.said("code"), CODE_LIMIT, multiline=False)
        if not code:
            return None
        first = self._codes.setdefault(canonical(code), question.line.paragraph)
        if first != question.line.paragraph:
            raise NotTaken(Refusal("word-code-twice", {"code": code, "first": first}))
        return code


def _kind_in_cells(question: Question) -> Kind | None:
    """Return the kind of a question that does not tell it, where it is none with options to tick and nothing is guessed.

    It is a set of statements by its row of truths, a short text by "Trả lời:", an essay by the heading that it stands under.
    """
    if question.options:
        truths = read_truths(question.keys[0].strip(_TRAILING)) if len(question.keys) == 1 else None
        return (
            Kind.STATEMENTS if truths and len(truths) == len(question.options) > 1 and _tells_truths(question) else None
        )
    if question.keys:
        is_truth = any(_STATEMENTS.fullmatch(key.strip(_TRAILING)) for key in question.keys)
        return Kind.SHORT_TEXT if question.is_reply and not is_truth else None
    stands_under = question.topic[-1:] if not question.list_keys else ()
    return Kind.ESSAY if any(_ESSAYS.search(fold(name)) for name in stands_under) else None


def _tells_truths(question: Question) -> bool:
    """Say whether a key says true and false in words, where letters alone might name options."""
    return len(_STATEMENTS.findall(question.keys[0])) > 1 or read_key(question.keys[0].strip(_TRAILING)) is None


def _objections(question: Question) -> Iterator[tuple[Refusal, Line]]:
    """Yield what is in the way before a question's words are looked at, each with the line that it stands on."""
    for what, line in question.objects:
        yield what, line
    of_words = [line.text for name, lines in question.fields.items() if name not in RICH_FIELDS for line in lines]
    if any(map(has_thing, (*of_words, *question.keys))):
        yield Refusal("word-only-words"), question.line
    for line in question.strays:
        yield Refusal("word-stray"), line
    for expected, option in enumerate(question.options):
        at = ord(option.letter.upper()) - ord("A")
        if at != expected:
            slug = "word-letter-again" if at < expected else "word-letter-missing"
            letter = option.letter if at < expected else LETTERS[expected]
            yield Refusal(slug, {"letter": letter, "number": question.number}), question.line
            return


def _read(typed: str, texts: Sequence[str]) -> Marked:
    """Return the options that an answer names: by letters, by a letter with its text, by its text, by true or false."""
    bare = typed.strip(_TRAILING + "([*")
    if not texts:
        key = read_true_false(TRUE if bare in _TRUE_SHORT else bare)
        if key is None:
            raise NotTaken(Refusal("word-no-options"))
        return frozenset(key)
    if len(_STATEMENTS.findall(bare)) > 1:
        raise NotTaken(Refusal("word-statements"))
    if is_true_false(bare) and (key := read_statement(bare, texts)):
        return frozenset(key)
    by_text = [at for at, text in enumerate(texts) if len(bare) > 1 and fold(text).strip(_TRAILING) == fold(bare)]
    found = _WITH_TEXT.fullmatch(bare)
    if found and (at := ord(found[1].upper()) - ord("A")) < len(texts):
        if fold(texts[at]).strip(_TRAILING) == fold(found[2]).strip(_TRAILING):
            return frozenset({at})
        raise NotTaken(Refusal("word-key-other-text", {"letter": LETTERS[at]}))
    key = None if bare.isdigit() else read_key(bare)
    if len(by_text) == 1 and (key is None or max(key) >= len(texts)):
        return frozenset(by_text)
    if key is None or by_text:
        raise NotTaken(Refusal("word-bad-key", {"key": bare[:EXCERPT]}))
    if max(key) >= len(texts):
        raise NotTaken(Refusal("word-key-of-none", {"letter": LETTERS[max(key)]}))
    return frozenset(key)


def _letters(marked: Marked) -> str:
    return ", ".join(LETTERS[at] for at in sorted(marked))


def _one_of(known: Mapping[str, T], question: Question, name: str, refusal: Refusal) -> T | None:
    told = fold(question.said(name)).strip(_TRAILING)
    if told and told not in known:
        raise NotTaken(refusal)
    return known.get(told)


def _day(question: Question) -> date | None:
    typed = question.said("effective_on").strip()
    day = birth_date(typed) if typed else None
    if isinstance(day, Refusal):
        raise NotTaken(Refusal(day.slug))
    return day


def _tags(question: Question) -> tuple[str, ...]:
    typed = cleaned(question.said("tags"), SHORT_LIMIT, multiline=False)
    return split_tags(typed)
