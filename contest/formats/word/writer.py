"""Drafts to a Word question list, and what it could not carry: a heading a topic, the answers in a table at the end."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from contest.formats.drafts import Problem, QuestionDraft
from contest.formats.losses import Losses, has_unsaid, losses
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Tree
from contest.formats.rich.questions import words
from contest.formats.tables.cells import date_text
from contest.formats.tables.keys import LETTERS, weights_of
from contest.formats.tables.parts import CHOICES, write_cells
from contest.formats.tags import join_tags
from contest.formats.word import setting
from contest.formats.word.carrying import (
    has_lines_in_gaps,
    has_unwritten,
    lacks_pictures,
    rich_cells,
    shows_sounds,
    shows_webp,
)
from contest.formats.word.paper import Paper, add_style, add_styles
from contest.formats.word.pen import Pen
from contest.formats.word.wording import guarded
from contest.rules.labels import LABELS
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.text import fold

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (when a list was exported is nobody's business but its reader's)
_FONT, _SIZE = "Times New Roman", Pt(13)
_DEEPEST = 9  # levels of headings that Word has
_ANSWERS_IN_A_ROW = 10
_QUESTION, _OPTION, _NOTE, _CELL = "CauHoi", "PhuongAn", "GhiChu", "DapAn"
_INDENT = 0.75
_STYLES = (
    (_QUESTION, setting.QUESTION, 0, 8),
    (_OPTION, setting.OPTION, _INDENT, 0),
    (_NOTE, setting.NOTE, _INDENT, 0),
)
_NOTES = {"explanation": "Giải thích", "guidance": "Hướng dẫn chấm"}
_KEYS = {Kind.ESSAY: "Số từ", Kind.UPLOAD: "Số tệp"}
_STATEMENT = {fold(TRUE), fold(FALSE)}


def _right(draft: QuestionDraft) -> list[int]:
    """Return the options that the answers name: in multiple choice all that bring something, else the one."""
    if draft.kind not in CHOICES:
        return []
    is_multiple = draft.kind is Kind.MULTIPLE_CHOICE
    return [at for at, o in enumerate(draft.options) if (o.weight > 0 if is_multiple else o.weight == 1)]


def _has_odd_weights(draft: QuestionDraft) -> bool:
    if draft.kind not in CHOICES:
        return False
    even = weights_of(draft.kind, dict.fromkeys(_right(draft)), len(draft.options))
    return even != tuple(option.weight for option in draft.options)


def _has_too_many_cells(draft: QuestionDraft) -> bool:
    return draft.kind not in CHOICES and len(write_cells(draft).options) > len(LETTERS)


_LOSSES: Losses = {
    "lost-media": lacks_pictures,
    "word-lost-sounds": shows_sounds,
    "word-webp": shows_webp,
    "word-formulas-as-words": has_unwritten,
    "lost-feedback": has_unsaid,
    "left-out-options": _has_too_many_cells,
    "lost-lines": has_lines_in_gaps,
    "lost-weights": _has_odd_weights,
    "word-no-deep-topic": lambda draft: len(draft.topic) > _DEEPEST,
}


def write(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as .docx, and what could not be carried."""
    told = list(drafts)
    listed = _by_topic(draft for draft in told if not _has_too_many_cells(draft))
    page = _Page()
    topic: tuple[str, ...] = ()
    for number, draft in enumerate(listed, start=1):
        for level in _new_levels(topic, draft.topic[:_DEEPEST]):
            page.write(f"Heading{level}", guarded(draft.topic[level - 1]))
        topic = draft.topic[:_DEEPEST]
        _write_question(page, number, draft)
    keys = [(n, d) for n, d in enumerate(listed, start=1) if d.kind in CHOICES]
    if keys:
        page.write(_QUESTION, "", bold="ĐÁP ÁN")
        page.write_grid(list(_answers(keys)))
    return page.as_bytes(), tuple(losses("Word", _LOSSES, told))


def _by_topic(drafts: Iterable[QuestionDraft]) -> list[QuestionDraft]:
    """Return the questions by topic in the order in which the topics come; what has none goes first."""
    listed = list(drafts)
    topics = dict.fromkeys([(), *(draft.topic for draft in listed)])
    places = {topic: place for place, topic in enumerate(topics)}
    return sorted(listed, key=lambda draft: places[draft.topic])


def _new_levels(before: tuple[str, ...], topic: tuple[str, ...]) -> range:
    """Return the levels whose headings must be written to get from one topic to another."""
    if before == topic:
        return range(0)
    same = 0
    while same < min(len(before), len(topic)) and before[same] == topic[same]:
        same += 1
    return range(min(same, len(topic) - 1) + 1, len(topic) + 1)


def _write_question(page: "_Page", number: int, draft: QuestionDraft) -> None:
    if draft.rich:
        _write_rich(page, number, draft)
    else:
        page.write(_QUESTION, guarded(draft.text), bold=f"Câu {number}. ")
        texts = [option.text for option in draft.options] if draft.kind in CHOICES else write_cells(draft).options
        for letter, text in zip(LETTERS, texts, strict=False):
            page.write(_OPTION, f"{letter}. {guarded(text)}")
    for name, text in _fields(draft):
        page.write(_NOTE, f"{name}: {guarded(text)}")
    for name, title in _NOTES.items():
        note: str = getattr(draft, name)
        if note and draft.rich:
            page.pen(draft).write(setting.NOTE, [read(note)], lead=f"{title}: ")
        elif note:
            page.write(_NOTE, f"{title}: {guarded(note)}")


def _write_rich(page: "_Page", number: int, draft: QuestionDraft) -> None:
    pen = page.pen(draft)
    pen.write(setting.QUESTION, [read(draft.text)], bold=f"Câu {number}. ")
    cells: list[list[str | Tree]] = [[read(option.text)] for option in draft.options]
    if draft.kind not in CHOICES:
        cells = rich_cells(draft)
    for letter, pieces in zip(LETTERS, cells, strict=False):
        pen.write(setting.OPTION, pieces, lead=f"{letter}. ")


def _fields(draft: QuestionDraft) -> Iterator[tuple[str, str]]:
    """Yield the lines under a question, by name; its kind only where the options and the answer do not tell it."""
    is_statement = (
        len(draft.options) == 2
        and {fold(words(option.text, rich=draft.rich)) for option in draft.options} == _STATEMENT
    )
    guess = Kind.MULTIPLE_CHOICE if len(_right(draft)) > 1 else Kind.SINGLE_CHOICE
    if draft.kind is not (Kind.TRUE_FALSE if is_statement else guess):
        yield "Loại câu", LABELS[draft.kind]
    if draft.kind not in CHOICES and (key := write_cells(draft).key):
        for line in key.split("\n"):
            yield _KEYS.get(draft.kind, "Đáp án"), line
    if draft.code:
        yield "Mã câu", draft.code
    if draft.difficulty:
        yield "Mức độ", LABELS[draft.difficulty]
    if draft.tags:
        yield "Nhãn", join_tags(draft.tags)
    if draft.effective_on:
        yield "Ngày hiệu lực", date_text(draft.effective_on)
    if draft.source:
        yield "Căn cứ", draft.source
    if draft.passage:
        yield "Thuộc đoạn dẫn", draft.passage


def _answers(keys: Sequence[tuple[int, QuestionDraft]]) -> Iterator[list[str]]:
    """Yield the rows of the table of answers: numbers, and under them the letters."""
    for start in range(0, len(keys), _ANSWERS_IN_A_ROW):
        band = keys[start : start + _ANSWERS_IN_A_ROW]
        empty = [""] * (_ANSWERS_IN_A_ROW - len(band))
        yield ["Câu", *(str(number) for number, _ in band), *empty]
        yield ["Đáp án", *(", ".join(LETTERS[at] for at in _right(draft)) for _, draft in band), *empty]


class _Page:
    """A list being written: plain texts as one paragraph each, rich ones by a pen."""

    def __init__(self) -> None:
        self._document = docx.Document()
        self._document.core_properties.author = ""
        self._document.core_properties.created = self._document.core_properties.modified = _MADE
        self._paper = Paper(self._document)
        usual: Any = self._document.styles["Normal"]
        usual.font.name, usual.font.size = _FONT, _SIZE
        usual.paragraph_format.space_after = Pt(2)
        for plain, rich, indent, before in _STYLES:
            for style_id in (plain, rich):
                about = "italic" if style_id == _NOTE else ""
                style = add_style(self._document, style_id, indent=indent, before=before, about=about)
                style.paragraph_format.keep_with_next = plain in {_QUESTION, _OPTION}
        add_style(self._document, _CELL)
        add_styles(self._document, indent=_INDENT)

    def write(self, style: str, text: str, *, bold: str = "") -> None:
        """Write a paragraph in a style; its lines become line breaks."""
        paragraph = Paragraph(self._paper.put(self._paper.paragraph(style)), self._document._body)
        if bold:
            paragraph.add_run(bold).bold = True
        paragraph.add_run(text)

    def pen(self, draft: QuestionDraft) -> Pen:
        """Return what writes the rich texts of a question."""
        return Pen(self._paper, {file.name: file.content for file in draft.files})

    def write_grid(self, rows: Sequence[Sequence[str]]) -> None:
        """Write a table with lines around its cells."""
        table: Any = self._document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
        for row in rows:
            line = OxmlElement("w:tr")
            for text in row:
                cell = OxmlElement("w:tc")
                paragraph = self._paper.paragraph(_CELL)
                Paragraph(paragraph, self._document._body).add_run(text)
                cell.append(paragraph)
                line.append(cell)
            table._tbl.append(line)

    def as_bytes(self) -> bytes:
        """Return the document as a file."""
        return self._paper.as_bytes()
