"""Drafts to GIFT, and what GIFT could not carry."""

from collections.abc import Iterable
from decimal import Decimal

from contest.formats.drafts import OptionDraft, Problem, QuestionDraft
from contest.formats.gift.blocks import CATEGORY
from contest.formats.gift.escapes import escape
from contest.formats.losses import Losses, losses_of
from contest.formats.topics import join_topic
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE

_LOSSES: Losses = (
    ("gift-no-difficulty", lambda draft: draft.difficulty is not None),
    ("gift-no-source", lambda draft: draft.source != ""),
    ("gift-no-effective-date", lambda draft: draft.effective_on is not None),
    ("gift-no-tag", lambda draft: not all(_is_markable(tag) for tag in draft.tags)),
    ("gift-kind-changed", lambda draft: draft.kind is Kind.TRUE_FALSE and not _is_statement(draft)),
)


def write_gift(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as GIFT, and one warning for each thing that the format could not carry."""
    listed = list(drafts)
    topic: tuple[str, ...] = ()
    blocks: list[str] = []
    for draft in listed:
        if draft.topic != topic:
            topic = draft.topic
            blocks.append(f"{CATEGORY} {_category(topic)}\n")
        blocks.append(_block(draft))
    return "\n".join(blocks).encode(), tuple(losses_of(_LOSSES, listed))


def _category(topic: tuple[str, ...]) -> str:
    """Write a topic; only where it could be misread, from the root that every course has."""
    is_plain = topic and not topic[0].startswith("$")
    return join_topic(topic if is_plain else ("$course$", "top", *topic))


def _block(draft: QuestionDraft) -> str:
    marks = [f"[id:{_mark(draft.code)}]"] if draft.code and _is_markable(draft.code) else []
    marks += [f"[tag:{_mark(tag)}]" for tag in draft.tags if _is_markable(tag)]
    comment = f"// {' '.join(marks)}\n" if marks else ""
    title = f"::{escape(draft.code)}::" if draft.code else ""
    answers = _statement(draft) if _is_statement(draft) else _options(draft)
    explanation = f"\t####{_wording(draft.explanation)}\n" if draft.explanation else ""
    return f"{comment}{title}{_wording(draft.text)} {{{answers}{explanation}}}\n"


def _statement(draft: QuestionDraft) -> str:
    """Write true or false with the feedback for the wrong answer, then for the right one."""
    right, wrong = sorted(draft.options, key=lambda option: option.weight, reverse=True)
    comments = f"#{_wording(wrong.feedback)}" if wrong.feedback or right.feedback else ""
    comments += f"#{_wording(right.feedback)}" if right.feedback else ""
    return f"{'TRUE' if right.text == TRUE else 'FALSE'}{comments}\n"


def _options(draft: QuestionDraft) -> str:
    is_multiple = draft.kind is Kind.MULTIPLE_CHOICE
    return "\n" + "".join(f"\t{_option(option, is_multiple=is_multiple)}\n" for option in draft.options)


def _option(option: OptionDraft, *, is_multiple: bool) -> str:
    marker, worth = ("=", Decimal(1)) if option.weight == 1 and not is_multiple else ("~", Decimal(0))
    told = option.weight != worth or option.text.startswith("%")
    weight = f"%{option.weight.scaleb(2).normalize():f}%" if told else ""
    feedback = f"#{_wording(option.feedback)}" if option.feedback else ""
    return f"{marker}{weight}{_wording(option.text)}{feedback}"


def _is_statement(draft: QuestionDraft) -> bool:
    weights = sorted(option.weight for option in draft.options)
    texts = {option.text for option in draft.options}
    return draft.kind is Kind.TRUE_FALSE and texts == {TRUE, FALSE} and weights == [0, 1]


def _wording(text: str) -> str:
    """Escape a text; what other programs would take for a format, a comment or markup is said to be plain."""
    is_ambiguous = text.startswith(("[", "//")) or "<" in text or "&" in text
    return f"[plain]{escape(text)}" if is_ambiguous else escape(text)


def _is_markable(text: str) -> bool:
    return not text.endswith("\\")


def _mark(text: str) -> str:
    return text.replace("]", "\\]")
