"""Drafts to Moodle XML as Moodle itself writes it, and what it could not carry."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from html import escape

from contest.formats.drafts import OptionDraft, Problem, QuestionDraft
from contest.formats.gift.parts import told_order
from contest.formats.losses import LEGAL, PARTS, Losses, has_unsaid, is_reworded, is_statement, losses
from contest.formats.moodle.weights import percent
from contest.formats.moodle.writing import Texts
from contest.formats.moodle.written_parts import IN_PARTS, question_text
from contest.formats.passages import has_telling_tags, tags_of
from contest.formats.rich.questions import from_plain, words
from contest.formats.topics import join_topic
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import TOLD
from contest.rules.questions.gaps import segments
from contest.rules.questions.true_false import TRUE

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
_TAIL = "</quiz>\n"
_ROOT = ("$course$", "top")
_NAME_LIMIT = 80
_PENALTIES = {"truefalse": "1.0000000", "description": "0.0000000"}
_PERCENTS = "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0"
_KNOWN = tuple(Decimal(percent).scaleb(-2) for percent in _PERCENTS.split())
_NEAR = Decimal("0.00001")  # Moodle's own tolerance
_NO_FEEDBACK = "".join(
    f'    <{name} format="html">\n      <text></text>\n    </{name}>\n'
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
)


def _has_odd_weights(draft: QuestionDraft) -> bool:
    told = (*draft.options, *(answer for part in draft.parts for answer in part.answers))
    return not all(any(abs(abs(answer.weight) - known) < _NEAR for known in _KNOWN) for answer in told)


def _has_rich_pairs(draft: QuestionDraft) -> bool:
    is_rich = draft.rich and draft.kind is Kind.MATCHING
    return is_rich and any(from_plain(words(option.text, rich=True)) != option.text for option in draft.options)


def _has_lines_in_gaps(draft: QuestionDraft) -> bool:
    answers = (answer for part in draft.parts for answer in part.answers)
    return draft.kind in _GAPS and any("\n" in answer.text + answer.feedback for answer in answers)


def _has_gaps_out_of_order(draft: QuestionDraft) -> bool:
    found = [piece for piece in segments(draft.text) if isinstance(piece, int)]
    return draft.kind in _GAPS and found != sorted(found)


def _all_choices(draft: QuestionDraft) -> bool:
    return all(part.kind is PartKind.CHOICE for part in draft.parts)


_GAPS = {Kind.CLOZE, Kind.DROPDOWN}
_LOSSES: Losses = {
    **LEGAL,
    "lost-telling-tags": has_telling_tags,
    "lost-kind": is_reworded,
    "moodle-odd-weights": _has_odd_weights,
    "moodle-needs-mtf": lambda draft: draft.kind is Kind.STATEMENTS,
    "lost-accents": PARTS["lost-accents"],
    "lost-unit": lambda draft: draft.kind in _GAPS and any(part.unit for part in draft.parts),
    "lost-order": lambda d: d.kind is Kind.MATCHING and told_order(d) != [option.text for option in d.options],
    "lost-feedback": lambda draft: draft.kind is Kind.MATCHING and has_unsaid(draft),
    "moodle-plain-pairs": _has_rich_pairs,
    "lost-lines": _has_lines_in_gaps,
    "moodle-gaps-in-order": _has_gaps_out_of_order,
    "moodle-all-choices": lambda draft: draft.kind is Kind.CLOZE and _all_choices(draft),
}


def write_moodle(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as Moodle XML, and one warning for each thing that the format could not carry.

    A passage is a description there; tags tell that it is one, and of each question that it belongs to it.
    """
    listed = list(drafts)
    return "".join([_HEAD, *_elements(listed), _TAIL]).encode(), tuple(losses("Moodle XML", _LOSSES, listed))


def _elements(drafts: Iterable[QuestionDraft]) -> Iterator[str]:
    topic: tuple[str, ...] = ()
    for draft in drafts:
        if draft.topic != topic:
            topic = draft.topic
            yield _category(topic)
        yield _question(draft)


def _category(topic: tuple[str, ...]) -> str:
    path = escape(join_topic((*_ROOT, *topic)), quote=False)
    return f'  <question type="category">\n    <category>\n      <text>{path}</text>\n    </category>\n  </question>\n'


def _question(draft: QuestionDraft) -> str:
    texts = Texts(draft.rich, {file.name: file.content for file in draft.files})
    name = " ".join((draft.code or words(draft.text, rich=draft.rich)[:_NAME_LIMIT]).split())
    written, answers = _answers(draft, texts)
    return (
        f'  <question type="{written}">\n'
        f"    <name>\n      <text>{escape(name, quote=False)}</text>\n    </name>\n"
        f"{question_text(draft, texts)}{texts.worded('generalfeedback', draft.explanation)}"
        f"    <defaultgrade>{'0.0000000' if draft.kind in TOLD else '1.0000000'}</defaultgrade>\n"
        f"    <penalty>{_PENALTIES.get(written, '0.3333333')}</penalty>\n"
        f"    <hidden>0</hidden>\n"
        f"    <idnumber>{escape(draft.code or '', quote=False)}</idnumber>\n"
        f"{answers}{_tags(draft)}  </question>\n"
    )


def _answers(draft: QuestionDraft, texts: Texts) -> tuple[str, str]:
    """Return the type that a question has in Moodle, and what is answered."""
    if draft.kind in IN_PARTS:
        written, write = IN_PARTS[draft.kind]
        return written, write(draft, texts)
    if is_statement(draft):
        return "truefalse", "".join(_statement(option, texts) for option in draft.options)
    return "multichoice", _choice(draft, texts)


def _choice(draft: QuestionDraft, texts: Texts) -> str:
    return (
        f"    <single>{'false' if draft.kind is Kind.MULTIPLE_CHOICE else 'true'}</single>\n"
        f"    <shuffleanswers>true</shuffleanswers>\n"
        f"    <answernumbering>ABCD</answernumbering>\n"
        f"{_NO_FEEDBACK}{''.join(_answer(option, 'html', texts.written(option.text), texts) for option in draft.options)}"
    )


def _statement(option: OptionDraft, texts: Texts) -> str:
    word = "true" if option.text == TRUE else "false"
    return _answer(option, "moodle_auto_format", f"<text>{word}</text>", texts)


def _answer(option: OptionDraft, form: str, written: str, texts: Texts) -> str:
    return (
        f'    <answer fraction="{percent(option.weight)}" format="{form}">\n'
        f"      {written}\n"
        f'      <feedback format="html">\n        {texts.written(option.feedback)}\n      </feedback>\n'
        f"    </answer>\n"
    )


def _tags(draft: QuestionDraft) -> str:
    tags = "".join(
        f"      <tag>\n        <text>{escape(tag, quote=False)}</text>\n      </tag>\n" for tag in tags_of(draft)
    )
    return f"    <tags>\n{tags}    </tags>\n" if tags else ""
