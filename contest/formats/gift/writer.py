"""Drafts to GIFT, and what GIFT could not carry."""

from collections.abc import Iterable
from decimal import Decimal

from contest.formats.drafts import OptionDraft, Problem, QuestionDraft
from contest.formats.gift.blocks import CATEGORY
from contest.formats.gift.escapes import escape
from contest.formats.gift.parts import IN_PARTS, told_order, write_parts
from contest.formats.gift.wording import write_wording
from contest.formats.losses import (
    LEGAL,
    PARTS,
    Losses,
    has_unsaid,
    is_reworded,
    is_statement,
    losses,
    shows_media,
)
from contest.formats.passages import has_telling_tags, tags_of
from contest.formats.topics import write_category
from contest.rules.question_terms import Kind
from contest.rules.questions import TOLD
from contest.rules.questions.true_false import TRUE

_LOSSES: Losses = {
    **LEGAL,
    "lost-odd-tags": lambda draft: not all(_is_markable(tag) for tag in draft.tags),
    "lost-telling-tags": has_telling_tags,
    "lost-passage": lambda draft: draft.passage is not None and not _is_markable(draft.passage),
    "lost-explanation": lambda draft: draft.kind in TOLD and draft.explanation != "",
    "lost-kind": is_reworded,
    "lost-media": shows_media,
    **PARTS,
    "lost-case": lambda draft: any(part.with_case for part in draft.parts),
    "lost-order": lambda d: d.kind is Kind.MATCHING and told_order(d) != [option.text for option in d.options],
    "lost-feedback": lambda draft: draft.kind is Kind.MATCHING and has_unsaid(draft),
}


def write_gift(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as GIFT, and one warning for each thing that the format could not carry."""
    listed = list(drafts)
    topic: tuple[str, ...] = ()
    blocks: list[str] = []
    for draft in listed:
        if draft.topic != topic:
            topic = draft.topic
            blocks.append(f"{CATEGORY} {write_category(topic)}\n")
        blocks.append(_block(draft))
    return "\n".join(blocks).encode(), tuple(losses("GIFT", _LOSSES, listed))


def _block(draft: QuestionDraft) -> str:
    marks = [f"[id:{_mark(draft.code)}]"] if draft.code and _is_markable(draft.code) else []
    marks += [f"[tag:{_mark(tag)}]" for tag in tags_of(draft) if _is_markable(tag)]
    comment = f"// {' '.join(marks)}\n" if marks else ""
    title = f"::{escape(draft.code)}::" if draft.code else ""
    head = f"{comment}{title}{write_wording(draft.text, rich=draft.rich)}"
    if draft.kind in TOLD:
        return f"{head}\n"
    answers = _answers(draft)
    explanation = f"\t####{write_wording(draft.explanation, rich=draft.rich)}\n" if draft.explanation else ""
    return f"{head} {{{answers}{explanation}}}\n"


def _answers(draft: QuestionDraft) -> str:
    if draft.kind in IN_PARTS:
        return write_parts(draft)
    return _statement(draft) if is_statement(draft) else _options(draft)


def _statement(draft: QuestionDraft) -> str:
    """Write true or false with the feedback for the wrong answer, then for the right one."""
    right, wrong = sorted(draft.options, key=lambda option: option.weight, reverse=True)
    comments = f"#{write_wording(wrong.feedback, rich=draft.rich)}" if wrong.feedback or right.feedback else ""
    comments += f"#{write_wording(right.feedback, rich=draft.rich)}" if right.feedback else ""
    return f"{'TRUE' if right.text == TRUE else 'FALSE'}{comments}\n"


def _options(draft: QuestionDraft) -> str:
    is_multiple = draft.kind is Kind.MULTIPLE_CHOICE
    return "\n" + "".join(
        f"\t{_option(option, is_multiple=is_multiple, rich=draft.rich)}\n" for option in draft.options
    )


def _option(option: OptionDraft, *, is_multiple: bool, rich: bool) -> str:
    marker, worth = ("=", Decimal(1)) if option.weight == 1 and not is_multiple else ("~", Decimal(0))
    told = option.weight != worth or option.text.startswith("%")
    weight = f"%{option.weight.scaleb(2).normalize():f}%" if told else ""
    feedback = f"#{write_wording(option.feedback, rich=rich)}" if option.feedback else ""
    return f"{marker}{weight}{write_wording(option.text, rich=rich)}{feedback}"


def _is_markable(text: str) -> bool:
    return not text.endswith("\\")


def _mark(text: str) -> str:
    return text.replace("]", "\\]")
