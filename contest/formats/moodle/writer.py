"""Drafts to Moodle XML as Moodle itself writes it, and what it could not carry."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from contest.formats.drafts import OptionDraft, Problem, QuestionDraft
from contest.formats.losses import LEGAL, Losses, is_reworded, is_statement, losses
from contest.formats.markup import as_html
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import media_of
from contest.formats.rich.page import as_page
from contest.formats.rich.questions import words
from contest.formats.topics import join_topic
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import TRUE

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
_TAIL = "</quiz>\n"
_ROOT = ("$course$", "top")
_NAME_LIMIT = 80
_PERCENTS = "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0"
_KNOWN = tuple(Decimal(percent).scaleb(-2) for percent in _PERCENTS.split())
_NEAR = Decimal("0.00001")  # Moodle's own tolerance
_NO_FEEDBACK = "".join(
    f'    <{name} format="html">\n      <text></text>\n    </{name}>\n'
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
)


def _has_odd_weights(draft: QuestionDraft) -> bool:
    return not all(any(abs(abs(o.weight) - known) < _NEAR for known in _KNOWN) for o in draft.options)


@dataclass(frozen=True, slots=True)
class _Texts:
    """How the texts of a question are written: as HTML, and the files that each shows beside it."""

    rich: bool
    files: Mapping[str, bytes]

    def written(self, text: str) -> str:
        """Write a text with the files that it shows, each line indented by what stands around it."""
        shown = media_of(read(text)) if self.rich else ()
        names = dict.fromkeys(medium.name for medium in shown if medium.name in self.files)
        return f"<text>{_html(as_page(read(text)) if self.rich else as_html(text))}</text>" + "".join(
            f'\n<file name="{name}" path="/" encoding="base64">{b64encode(self.files[name]).decode()}</file>'
            for name in names
        )

    def worded(self, name: str, text: str) -> str:
        return f'    <{name} format="html">\n      {self.written(text)}\n    </{name}>\n'


_LOSSES: Losses = {**LEGAL, "lost-kind": is_reworded, "moodle-odd-weights": _has_odd_weights}


def write_moodle(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as Moodle XML, and one warning for each thing that the format could not carry."""
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
    is_plain = is_statement(draft)
    texts = _Texts(draft.rich, {file.name: file.content for file in draft.files})
    name = " ".join((draft.code or words(draft.text, rich=draft.rich)[:_NAME_LIMIT]).split())
    answers = "".join(_statement(o, texts) for o in draft.options) if is_plain else _choice(draft, texts)
    return (
        f'  <question type="{"truefalse" if is_plain else "multichoice"}">\n'
        f"    <name>\n      <text>{escape(name, quote=False)}</text>\n    </name>\n"
        f"{texts.worded('questiontext', draft.text)}{texts.worded('generalfeedback', draft.explanation)}"
        f"    <defaultgrade>1.0000000</defaultgrade>\n"
        f"    <penalty>{'1.0000000' if is_plain else '0.3333333'}</penalty>\n"
        f"    <hidden>0</hidden>\n"
        f"    <idnumber>{escape(draft.code or '', quote=False)}</idnumber>\n"
        f"{answers}{_tags(draft)}  </question>\n"
    )


def _choice(draft: QuestionDraft, texts: _Texts) -> str:
    return (
        f"    <single>{'false' if draft.kind is Kind.MULTIPLE_CHOICE else 'true'}</single>\n"
        f"    <shuffleanswers>true</shuffleanswers>\n"
        f"    <answernumbering>ABCD</answernumbering>\n"
        f"{_NO_FEEDBACK}{''.join(_answer(option, 'html', texts.written(option.text), texts) for option in draft.options)}"
    )


def _statement(option: OptionDraft, texts: _Texts) -> str:
    word = "true" if option.text == TRUE else "false"
    return _answer(option, "moodle_auto_format", f"<text>{word}</text>", texts)


def _answer(option: OptionDraft, form: str, written: str, texts: _Texts) -> str:
    return (
        f'    <answer fraction="{option.weight.scaleb(2).normalize():f}" format="{form}">\n'
        f"      {written}\n"
        f'      <feedback format="html">\n        {texts.written(option.feedback)}\n      </feedback>\n'
        f"    </answer>\n"
    )


def _tags(draft: QuestionDraft) -> str:
    tags = "".join(
        f"      <tag>\n        <text>{escape(tag, quote=False)}</text>\n      </tag>\n" for tag in draft.tags
    )
    return f"    <tags>\n{tags}    </tags>\n" if tags else ""


def _html(written: str) -> str:
    """Write HTML, in CDATA where it has markup; in it no `>` is left to end that early."""
    return f"<![CDATA[{written}]]>" if "<" in written or "&" in written else written
