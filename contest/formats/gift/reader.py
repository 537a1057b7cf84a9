"""GIFT to drafts. What is not taken is named with its line; nothing is dropped in silence."""

from dataclasses import dataclass, field, replace

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
from contest.formats.gift.parts import IN_PARTS, Parts, read_parts, says_of_others
from contest.formats.gift.wording import Wording, read_wording
from contest.formats.passages import as_told
from contest.formats.rich.importing import Importing
from contest.formats.taking import NotTaken, Taking, cleaned, sound
from contest.formats.topics import read_category
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal
from contest.rules.text import canonical, clean

_GAP = "_____"
_GENERAL = "####"


@dataclass(slots=True)
class _State:
    """What one block leaves to the next."""

    taking: Taking
    topic: tuple[str, ...] = ()
    lines_of_codes: dict[str, int] = field(default_factory=dict)

    def note(self, block: Block, refusal: Refusal, *, is_error: bool = True) -> None:
        self.taking.note(refusal, Place(line=block.line), block.text, is_error=is_error)


def read_gift(data: bytes) -> Reading[QuestionDraft]:
    """Read questions from a GIFT file; one that is not UTF-8 is refused as a whole."""
    text = decode(data)
    if isinstance(text, Problem):
        return Reading((), (text,))
    state = _State(Taking())
    for block in split(text):
        try:
            _read_block(block, state)
        except NotTaken as reason:
            for refusal in reason.refusals:
                state.note(block, refusal)
    return state.taking.reading()


def _read_block(block: Block, state: _State) -> None:
    if holds_masks(block.text):
        raise NotTaken(Refusal("bad-text"))
    if block.is_category:
        topic = read_category(block.text.removeprefix(CATEGORY))
        if isinstance(topic, Refusal):
            raise NotTaken(topic)
        state.topic = topic
        return
    title, body = _split_title(mask(block.text))
    text, answers = _split_answers(body)
    wording = read_wording(text)
    is_told = answers is None
    answers, explanation = _split_explanation(answers or "", wording.format)
    kind = Kind.DESCRIPTION if is_told else kind_of(answers)

    def said(texts: Importing) -> QuestionDraft:
        options, parts = _read_answers(kind, answers, wording.format, texts)
        return QuestionDraft(
            code=None,
            kind=kind,
            text=wording.said(texts, TEXT_LIMIT),
            options=options,
            topic=state.topic,
            explanation=explanation.said(texts, TEXT_LIMIT),
            tags=_tags(block),
            rich=texts.is_rich,
            files=tuple(texts.files.values()),
            place=Place(line=block.line),
            parts=parts,
        )

    texts = Importing()
    draft = said(texts)
    if texts.wants_rich:
        texts = Importing(is_rich=True)
        draft = said(texts)
    state.taking.drafts.append(sound(as_told(replace(draft, code=_code(block, state, title)))))
    if is_told and not (block.code or title):
        state.note(block, Refusal("gift-description"), is_error=False)
    if texts.lost:
        state.note(block, Refusal("html-flattened", {"tags": ", ".join(sorted(texts.lost))}), is_error=False)
    if says_of_others(kind, answers):
        state.note(block, Refusal("left-feedback-of-others"), is_error=False)
    if texts.lacks_words:
        state.note(block, Refusal("media-without-words"), is_error=False)


def _tags(block: Block) -> tuple[str, ...]:
    tags = (cleaned(tag, TOPIC_LIMIT, multiline=False) for tag in block.tags)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _split_title(masked: str) -> tuple[str, str]:
    body = masked.lstrip()
    end = body.find("::", 2) if body.startswith("::") else -1
    return ("", masked) if end < 0 else (reveal(body[2:end]).strip(), body[end + 2 :])


def _split_answers(body: str) -> tuple[str, str | None]:
    """Return the text, with a gap where the answers stood in its middle, and the answers; None where it has none."""
    start, end = body.find("{"), body.find("}")
    if start < 0 and end < 0:
        return body, None
    if start < 0 or end < start:
        raise NotTaken(Refusal("gift-braces"))
    before, after = body[:start], body[end + 1 :]
    return (f"{before}{_GAP}{after}" if after.strip() else before), body[start + 1 : end]


def _split_explanation(answers: str, written: str | None) -> tuple[str, Wording]:
    before, found, after = answers.rpartition(_GENERAL)
    return (before, read_wording(after, written)) if found else (answers, Wording("", written))


def _read_answers(kind: Kind, answers: str, written: str | None, texts: Importing) -> Parts:
    if kind is Kind.DESCRIPTION:
        return (), ()
    if kind in IN_PARTS:
        return read_parts(kind, answers, written, texts)
    options = read_statement(answers, written) if kind is Kind.TRUE_FALSE else read_options(answers, written)
    if isinstance(options, Refusal):
        raise NotTaken(options)
    return tuple(_option(option, texts) for option in options), ()


def _option(answer: Answer, texts: Importing) -> OptionDraft:
    return OptionDraft(answer.wording.said(texts, SHORT_LIMIT), answer.weight, answer.feedback.said(texts, SHORT_LIMIT))


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
        raise NotTaken(told if isinstance(told, Refusal) else Refusal("code-twice", {"code": told, "first": first}))
    state.note(block, Refusal("gift-title-no-code", {"limit": CODE_LIMIT}), is_error=False)
    return None
