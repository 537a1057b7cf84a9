"""GIFT to drafts. What is not taken is named with its line; nothing is dropped in silence."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contest.formats.drafts import (
    CODE_LIMIT,
    SHORT_LIMIT,
    TEXT_LIMIT,
    TOPIC_LIMIT,
    OptionDraft,
    Place,
    Problem,
    QuestionDraft,
    Reading,
)
from contest.formats.encoding import decode
from contest.formats.gift.answers import Answer, kind_of, read_options, read_statement
from contest.formats.gift.blocks import CATEGORY, Block, split
from contest.formats.gift.escapes import holds_masks, mask, reveal
from contest.formats.gift.wording import Wording, read_wording
from contest.formats.soundness import refusals_of
from contest.formats.topics import split_topic
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal
from contest.rules.text import canonical, clean

_GAP = "_____"
_GENERAL = "####"
_EXCERPT = 80


class _NotTaken(Exception):
    """A block is no question that can be taken."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__()
        self.refusals = refusals


@dataclass(slots=True)
class _State:
    """What one block leaves to the next."""

    topic: tuple[str, ...] = ()
    lines_of_codes: dict[str, int] = field(default_factory=dict)
    drafts: list[QuestionDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, block: Block, refusal: Refusal, *, is_error: bool = True) -> None:
        excerpt = block.text[:_EXCERPT]
        self.problems.append(Problem(refusal, Place(line=block.line), excerpt, "error" if is_error else "warning"))


def read_gift(data: bytes) -> Reading[QuestionDraft]:
    """Read questions from a GIFT file; one that is not UTF-8 is refused as a whole."""
    text = decode(data)
    if isinstance(text, Problem):
        return Reading((), (text,))
    state = _State()
    for block in split(text):
        try:
            _read_block(block, state)
        except _NotTaken as reason:
            for refusal in reason.refusals:
                state.note(block, refusal)
    if not state.drafts and not state.problems:
        return Reading((), (Problem(Refusal("no-questions"), Place(line=1)),))
    return Reading(tuple(state.drafts), tuple(state.problems))


def _read_block(block: Block, state: _State) -> None:
    if holds_masks(block.text):
        raise _NotTaken(Refusal("bad-text"))
    if block.is_category:
        state.topic = _read_category(block.text.removeprefix(CATEGORY))
        return
    title, body = _split_title(mask(block.text))
    text, answers = _split_answers(body)
    wording = read_wording(text)
    answers, explanation = _split_explanation(answers, wording.format)
    kind = kind_of(answers)
    if isinstance(kind, Refusal):
        raise _NotTaken(kind)
    options = _read_answers(kind, answers, wording.format)
    draft = QuestionDraft(
        code=_code(block, state, title),
        kind=kind,
        text=_cleaned(wording, TEXT_LIMIT),
        options=tuple(_option(option) for option in options),
        topic=state.topic,
        explanation=_cleaned(explanation, TEXT_LIMIT),
        tags=_tags(block),
        place=Place(line=block.line),
    )
    if refusals := refusals_of(draft):
        raise _NotTaken(*refusals)
    if any(
        part.is_flattened for part in (wording, explanation, *(w for o in options for w in (o.wording, o.feedback)))
    ):
        state.note(block, Refusal("gift-html-flattened"), is_error=False)
    state.drafts.append(draft)


def _tags(block: Block) -> tuple[str, ...]:
    cleaned = (_cleaned(Wording(tag, None), TOPIC_LIMIT, multiline=False) for tag in block.tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))


def _read_category(path: str) -> tuple[str, ...]:
    """Return a category as a topic; the context and the root that Moodle puts before it are no levels."""
    cleaned = clean(path, limit=TEXT_LIMIT)
    if isinstance(cleaned, Refusal):
        raise _NotTaken(cleaned)
    topic = split_topic(cleaned)
    if topic and topic[0].startswith("$") and topic[0].endswith("$"):
        topic = topic[2:] if topic[1:2] == ("top",) else topic[1:]
    if any(len(level) > TOPIC_LIMIT for level in topic):
        raise _NotTaken(Refusal("too-long", {"limit": TOPIC_LIMIT}))
    return topic


def _split_title(masked: str) -> tuple[str, str]:
    body = masked.lstrip()
    end = body.find("::", 2) if body.startswith("::") else -1
    return ("", masked) if end < 0 else (reveal(body[2:end]).strip(), body[end + 2 :])


def _split_answers(body: str) -> tuple[str, str]:
    """Return the text, with a gap where the answers stood in its middle, and the answers."""
    start, end = body.find("{"), body.find("}")
    if start < 0 and end < 0:
        raise _NotTaken(Refusal("gift-description"))
    if start < 0 or end < start:
        raise _NotTaken(Refusal("gift-braces"))
    before, after = body[:start], body[end + 1 :]
    return (f"{before}{_GAP}{after}" if after.strip() else before), body[start + 1 : end]


def _split_explanation(answers: str, written: str | None) -> tuple[str, Wording]:
    before, found, after = answers.rpartition(_GENERAL)
    return (before, read_wording(after, written)) if found else (answers, Wording("", written))


def _read_answers(kind: Kind, answers: str, written: str | None) -> Sequence[Answer]:
    options = read_statement(answers, written) if kind is Kind.TRUE_FALSE else read_options(answers, written)
    if isinstance(options, Refusal):
        raise _NotTaken(options)
    return options


def _option(answer: Answer) -> OptionDraft:
    return OptionDraft(_cleaned(answer.wording, SHORT_LIMIT), answer.weight, _cleaned(answer.feedback, SHORT_LIMIT))


def _cleaned(wording: Wording, limit: int, *, multiline: bool = True) -> str:
    cleaned = clean(wording.text, limit=limit, multiline=multiline)
    if isinstance(cleaned, Refusal):
        raise _NotTaken(cleaned)
    return cleaned


def _code(block: Block, state: _State, title: str) -> str | None:
    """Return the id, or else the title where it can serve as one."""
    told = clean(block.code or title, limit=CODE_LIMIT)
    if not isinstance(told, Refusal) and not told:
        return None
    key = "" if isinstance(told, Refusal) else canonical(told)
    first = state.lines_of_codes.setdefault(key, block.line) if key else block.line
    if not isinstance(told, Refusal) and first == block.line:
        return told
    if block.code:
        raise _NotTaken(told if isinstance(told, Refusal) else Refusal("code-twice", {"code": told, "first": first}))
    state.note(block, Refusal("gift-title-no-code", {"limit": CODE_LIMIT}), is_error=False)
    return None
