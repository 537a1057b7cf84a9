"""GIFT's answers that are no options to tick: numbers, short texts and pairs, in and out."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft, QuestionDraft
from contest.formats.gift.answers import Answer, read_options
from contest.formats.gift.wording import ARROW, read_wording, write_wording
from contest.formats.rich.importing import Importing
from contest.formats.taking import NotTaken
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.numbers import as_number, plain
from contest.rules.refusals import Refusal

IN_PARTS = frozenset({Kind.NUMERIC, Kind.SHORT_TEXT, Kind.MATCHING, Kind.ESSAY})
ANY = "*"  # as an answer worth nothing it only says something about all the others
Parts = tuple[tuple[OptionDraft, ...], tuple[PartDraft, ...]]


def read_parts(kind: Kind, masked: str, written: str | None, texts: Importing) -> Parts:
    """Return the options and the parts of a question that is answered in writing or in pairs. Raises NotTaken."""
    if kind is Kind.ESSAY:
        return (), ()
    if kind is Kind.MATCHING:
        return _read_pairs(masked, written, texts)
    part = PartKind.NUMBER if kind is Kind.NUMERIC else PartKind.TEXT
    answers = _read_answers(masked.strip().removeprefix("#") if kind is Kind.NUMERIC else masked, written)
    return (), (PartDraft(part, answers=tuple(_answer(a, part, texts) for a in answers if not _is_any(a))),)


def says_of_others(kind: Kind, masked: str) -> bool:
    """Say whether a number or a short text has a feedback for whatever else is answered."""
    if kind not in {Kind.NUMERIC, Kind.SHORT_TEXT}:
        return False
    return any(_is_any(a) for a in _read_answers(masked.strip().removeprefix("#" * (kind is Kind.NUMERIC)), None))


def _read_answers(masked: str, written: str | None) -> Sequence[Answer]:
    """Return answers with their weights; the only one need not begin with a sign."""
    found = read_options(masked if masked.strip().startswith(("=", "~")) else f"={masked}", written)
    if isinstance(found, Refusal):
        raise NotTaken(found)
    return found


def _is_any(answer: Answer) -> bool:
    return answer.weight == 0 and answer.wording.text.strip() in {"", ANY}


def _answer(answer: Answer, kind: PartKind, texts: Importing) -> OptionDraft:
    text = answer.wording.typed(texts, SHORT_LIMIT)
    said = answer.feedback.said(texts, SHORT_LIMIT)
    return OptionDraft(in_key(text) if kind is PartKind.NUMBER else text, answer.weight, said)


def in_key(span: str) -> str:
    """Return a number, `12.5:0.1` or `10..12` as keys hold them; what is none of these as it stands."""
    sign = ".." if ".." in span else ":"
    ends = [as_number(end.strip()) for end in span.split(sign)]
    numbers = [plain(end) for end in ends if end is not None]
    return sign.join(numbers) if len(numbers) == len(ends) else span


def _read_pairs(masked: str, written: str | None, texts: Importing) -> Parts:
    options: dict[str, OptionDraft] = {}
    parts: list[PartDraft] = []
    before, *pieces = masked.split("=")
    if before.strip():
        raise NotTaken(Refusal("gift-text-before-options"))
    for piece in pieces:
        stem, arrow, match = piece.partition(ARROW)
        if not arrow:
            raise NotTaken(Refusal("gift-pair"))
        text = read_wording(match, written).said(texts, SHORT_LIMIT)
        options.setdefault(text, OptionDraft(text, Decimal(0)))
        if words := read_wording(stem, written).said(texts, SHORT_LIMIT):
            parts.append(PartDraft(PartKind.STEM, words, (OptionDraft(text, Decimal(1)),)))
    return tuple(options.values()), tuple(parts)


def write_parts(draft: QuestionDraft) -> str:
    """Return what stands between the braces of a question without options to tick."""
    if draft.kind is Kind.ESSAY:
        return ""
    if draft.kind is Kind.MATCHING:
        sides = (
            (
                write_wording(left, rich=draft.rich, by_arrows=True),
                write_wording(right, rich=draft.rich, by_arrows=True),
            )
            for left, right in _pairs(draft)
        )
        return "".join(f"\n\t={left} {ARROW} {right}" for left, right in sides) + "\n"
    (part,) = draft.parts
    lines = "".join(f"\n\t{_written(answer, part.kind, rich=draft.rich)}" for answer in part.answers)
    return f"{'#' * (part.kind is PartKind.NUMBER)}{lines}\n"


def told_order(draft: QuestionDraft) -> list[str]:
    """Return the options of pairs in the order in which a list of the pairs tells them."""
    taken = [part.answers[0].text for part in draft.parts]
    return list(dict.fromkeys([*taken, *(option.text for option in draft.options)]))


def _pairs(draft: QuestionDraft) -> Iterator[tuple[str, str]]:
    taken = {part.answers[0].text for part in draft.parts}
    yield from ((part.text, part.answers[0].text) for part in draft.parts)
    yield from (("", option.text) for option in draft.options if option.text not in taken)


def _written(answer: OptionDraft, kind: PartKind, *, rich: bool) -> str:
    weight = f"%{answer.weight.scaleb(2).normalize():f}%" if answer.weight != 1 or answer.text.startswith("%") else ""
    text = answer.text if kind is PartKind.NUMBER else write_wording(answer.text, rich=False, form=rich, by_arrows=True)
    said = f"#{write_wording(answer.feedback, rich=rich, by_arrows=True)}" if answer.feedback else ""
    return f"={weight}{text}{said}"
