"""Aiken: a line of question, lines of options, a line with the letter of the right one. Both directions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from contest.formats.drafts import SHORT_LIMIT, TEXT_LIMIT, OptionDraft, Place, Problem, QuestionDraft, Reading
from contest.formats.encoding import decode
from contest.formats.losses import LEGAL, Losses, losses, shows_media
from contest.formats.rich.questions import plain_words
from contest.formats.taking import NotTaken, Taking, cleaned, sound
from contest.rules.question_terms import Kind
from contest.rules.questions.choices import MOST_OPTIONS
from contest.rules.refusals import Refusal

_LINE_END = re.compile(r"\r\n|\r|\n")
_OPTION = re.compile(r"([A-Z])[).]\s*(.*)", re.DOTALL)
_ANSWER = "ANSWER:"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHORTEST_LINE = 2


@dataclass(slots=True)
class _Question:
    """A question that has begun; `options` are letters and texts as they stand."""

    line: int
    text: str
    options: list[tuple[str, str]] = field(default_factory=list)


def read_aiken(data: bytes) -> Reading[QuestionDraft]:
    """Read questions from an Aiken file; one that is not UTF-8 is refused as a whole."""
    text = decode(data)
    if isinstance(text, Problem):
        return Reading((), (text,))
    taking = Taking()
    question: _Question | None = None
    for number, line in _lines(text):
        place = Place(line=number)
        option = _OPTION.fullmatch(line)
        if option or line.startswith(_ANSWER):
            if question is None:
                taking.note(Refusal("aiken-no-question"), place, line)
            elif option:
                question.options.append((option[1], option[2]))
            else:
                _finish(question, line, place, taking)
                question = None
        else:
            _drop(question, taking)
            question = _Question(number, line)
    _drop(question, taking)
    return taking.reading()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    for number, line in enumerate(_LINE_END.split(text), start=1):
        bare = line.strip()
        if len(bare) >= _SHORTEST_LINE:
            yield number, bare


def _drop(question: _Question | None, taking: Taking) -> None:
    if question is not None:
        taking.note(Refusal("aiken-unfinished"), Place(line=question.line), question.text)


def _finish(question: _Question, line: str, place: Place, taking: Taking) -> None:
    """Take a question whose answer has come; what is wrong with the answer is told at the answer's line."""
    if refusal := _refuse_answer(question, line):
        taking.note(refusal, place, line)
        return
    right = _LETTERS.index(_letter(line))
    try:
        options = tuple(
            OptionDraft(_one_line(text, SHORT_LIMIT), Decimal(index == right))
            for index, (_, text) in enumerate(question.options)
        )
        draft = QuestionDraft(
            None, Kind.SINGLE_CHOICE, _one_line(question.text, TEXT_LIMIT), options, place=Place(line=question.line)
        )
        taking.drafts.append(sound(draft))
    except NotTaken as reason:
        for refusal in reason.refusals:
            taking.note(refusal, Place(line=question.line), question.text)


def _refuse_answer(question: _Question, line: str) -> Refusal | None:
    letters = [letter for letter, _ in question.options]
    if len(letters) < 2:
        return Refusal("aiken-few-options")
    if letters != list(_LETTERS[: len(letters)]):
        return Refusal("aiken-letters", {"letters": ", ".join(letters)})
    return None if _letter(line) in letters else Refusal("aiken-answer", {"last": letters[-1]})


def _letter(line: str) -> str:
    return line.removeprefix(_ANSWER).strip()


def _one_line(text: str, limit: int) -> str:
    return " ".join(cleaned(text, limit).split())


def _is_left_out(draft: QuestionDraft) -> bool:
    return any(is_out(draft) for is_out in _LEFT_OUT.values())


def _is_misread(draft: QuestionDraft) -> bool:
    """Say whether the text would be taken for something else: Aiken knows no escapes."""
    text = _flat(draft.text)
    return len(text) < _SHORTEST_LINE or text.startswith(_ANSWER) or _OPTION.fullmatch(text) is not None


def _flat(text: str) -> str:
    return " ".join(text.split())


def _has_lines(draft: QuestionDraft) -> bool:
    return any("\n" in text for text in (draft.text, *(option.text for option in draft.options)))


_LEFT_OUT: Losses = {
    "left-out-multiple": lambda draft: draft.kind is Kind.MULTIPLE_CHOICE,
    "left-out-options": lambda draft: len(draft.options) > MOST_OPTIONS,
    "left-out-misread": _is_misread,
}
_LOSSES: Losses = {
    "lost-rich": lambda draft: draft.rich,
    "lost-media": shows_media,
    "lost-code": lambda draft: draft.code is not None,
    "lost-kind": lambda draft: draft.kind is Kind.TRUE_FALSE,
    "lost-weights": lambda draft: any(option.weight not in (0, 1) for option in draft.options),
    "lost-lines": _has_lines,
    "lost-feedback": lambda draft: any(option.feedback for option in draft.options),
    "lost-explanation": lambda draft: draft.explanation != "",
    "lost-topic": lambda draft: draft.topic != (),
    "lost-tags": lambda draft: draft.tags != (),
    **LEGAL,
}


def write_aiken(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as Aiken, and one warning for each thing that the format could not carry."""
    listed = list(drafts)
    kept = [draft for draft in listed if not _is_left_out(plain_words(draft))]
    told = (*losses("Aiken", _LEFT_OUT, map(plain_words, listed)), *losses("Aiken", _LOSSES, kept))
    return "\n".join(_block(plain_words(draft)) for draft in kept).encode(), told


def _block(draft: QuestionDraft) -> str:
    options: Sequence[str] = [f"{letter}) {_flat(o.text)}" for letter, o in zip(_LETTERS, draft.options, strict=False)]
    right = next(index for index, option in enumerate(draft.options) if option.weight == 1)
    return "\n".join([_flat(draft.text), *options, f"{_ANSWER} {_LETTERS[right]}"]) + "\n"
