"""Questions as a table, one row a question."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal

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
from contest.formats.losses import Losses, losses
from contest.formats.old_codes import OldCode
from contest.formats.rich.questions import in_one_form
from contest.formats.soundness import refusals_of
from contest.formats.tables.delimited import first_lines
from contest.formats.tables.keys import (
    Key,
    is_true_false,
    read_key,
    read_statement,
    read_true_false,
    read_truths,
    weights_of,
    write_key,
)
from contest.formats.tables.layout import HEADER_WITHIN, Column, read_table, with_rows
from contest.formats.tables.letters import in_unicode
from contest.formats.tables.parts import CHOICES, Cells, Made, fields_of_cells, read_cells, write_cells
from contest.formats.tables.question_columns import (
    BAD_KIND,
    DIFFICULTIES,
    FEEDBACK,
    GUIDANCE,
    HEAD,
    IS_RICH,
    KINDS,
    LAYOUT,
    OPTIONS,
    PASSAGE,
    RICH,
    TAIL,
)
from contest.formats.tables.record import Record
from contest.formats.tables.spreadsheet import Page, write_pages
from contest.formats.tags import join_tags, split_tags
from contest.formats.taking import NotTaken
from contest.formats.topics import join_topic, split_topic
from contest.rules.labels import LABELS
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal
from contest.rules.text import canonical, fold

_FEWEST_OPTIONS_WRITTEN = 4
_KEY_LIMIT = 600
_COMMENTED = {Kind.NUMERIC, Kind.SHORT_TEXT, Kind.STATEMENTS, Kind.MATCHING}  # the others say nothing of their parts


def _has_too_many_cells(draft: QuestionDraft) -> bool:
    return draft.kind not in CHOICES and len(write_cells(draft).options) > len(OPTIONS)


def _has_silent_comments(draft: QuestionDraft) -> bool:
    """Say whether something is said of an answer that has no cell of its own."""
    of_parts = draft.kind not in _COMMENTED and any(a.feedback for part in draft.parts for a in part.answers)
    return of_parts or (draft.kind is Kind.MATCHING and any(option.feedback for option in draft.options))


_LOSSES: Losses = {
    "left-out-options": _has_too_many_cells,
    "lost-lines": lambda draft: (
        draft.kind is not Kind.MATCHING and any("\n" in answer.text for part in draft.parts for answer in part.answers)
    ),
    "lost-feedback": _has_silent_comments,
}


def read_questions(data: bytes, convert: OldCode | None = None) -> Reading[QuestionDraft]:
    """Read questions from an XLSX or CSV file; one in an old code page is refused unless it is to be converted from it.

    One with nothing under its header is a problem too.
    """
    seen: dict[str, Place] = {}
    letters = partial(in_unicode, convert=convert)
    reading = read_table(data, LAYOUT, lambda record: _read_question(record, seen), letters=letters)
    return with_rows(reading, Refusal("no-questions"))


def heads_questions(text: str) -> bool:
    """Say whether a text is a CSV file with a header row of questions: letters of options alone name no table."""
    required = {column.key for column in LAYOUT.columns if column.required}
    named = (LAYOUT.named(cells) for cells in first_lines(text, HEADER_WITHIN))
    return any(len(keys) > 1 and keys & required for keys in named)


def write_questions(drafts: Iterable[QuestionDraft], *, format: Literal["xlsx", "csv"]) -> bytes:  # noqa: A002
    """Write questions so that reading them gives the same drafts again, but for what `lost_in_tables` tells."""
    rows = [(draft, _cells(draft)) for draft in drafts if not _has_too_many_cells(draft)]
    used = {key for _, cells in rows for key, value in cells.items() if value}
    options, feedback = (_last(columns, used) for columns in (OPTIONS, FEEDBACK))
    columns = (*HEAD, *OPTIONS[: max(options, _FEWEST_OPTIONS_WRITTEN)], *TAIL, *FEEDBACK[:feedback])
    columns = (*columns, *(column for column in (RICH, PASSAGE, GUIDANCE) if column.key in used))
    return write_pages([question_page([draft for draft, _ in rows], columns)], format=format)


def write_table(drafts: Iterable[QuestionDraft], form: Literal["xlsx", "csv"]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return a table of questions, and one warning for each thing that it cannot carry."""
    listed = list(drafts)
    return write_questions(listed, format=form), lost_in_tables(listed, format="Excel" if form == "xlsx" else "CSV")


def lost_in_tables(drafts: Iterable[QuestionDraft], *, format: Literal["Excel", "CSV"]) -> tuple[Problem, ...]:  # noqa: A002
    """Return one warning for each thing that a table cannot carry."""
    return tuple(losses(format, _LOSSES, drafts))


def _last(columns: Sequence[Column], used: set[str]) -> int:
    """Return how many columns there must be for those that are used to be among them."""
    return max((number for number, column in enumerate(columns, start=1) if column.key in used), default=0)


def question_page(drafts: Iterable[QuestionDraft], columns: Sequence[Column]) -> Page:
    """Return the table of questions in the columns given."""
    return Page("Câu hỏi", columns, ([cells.get(column.key) for column in columns] for cells in map(_cells, drafts)))


def _read_question(record: Record, seen: dict[str, Place]) -> QuestionDraft | None:
    code = record.text("code", limit=CODE_LIMIT)
    if code and (first := seen.setdefault(canonical(code), record.place)) != record.place:
        record.refuse("code", Refusal("code-twice", {"code": code, "first": first.number}))
    rich = _read_rich(record)
    text = record.text("text", limit=TEXT_LIMIT, required=True, multiline=True, indented=rich)
    kind, cells = _read_kind_and_cells(record, rich=rich)
    made = _made(record, kind, cells)
    draft = QuestionDraft(
        code=code or None,
        kind=kind or Kind.SINGLE_CHOICE,
        text=text,
        options=made.options,
        topic=_read_topic(record),
        difficulty=_read_difficulty(record),
        source=record.text("source", limit=SHORT_LIMIT, multiline=True),
        effective_on=record.day("effective_on"),
        explanation=record.text("explanation", limit=TEXT_LIMIT, multiline=True, indented=rich),
        tags=split_tags(record.text("tags", limit=SHORT_LIMIT)),
        passage=record.text("passage", limit=CODE_LIMIT) or None,
        guidance=record.text("guidance", limit=TEXT_LIMIT, multiline=True, indented=rich),
        rich=rich,
        place=record.place,
        parts=made.parts,
        least_words=made.least_words,
        most_words=made.most_words,
        most_files=made.most_files,
        file_kinds=made.file_kinds,
    )
    if record.has_errors():
        return None
    draft = in_one_form(draft)
    fields = fields_of_cells(draft.kind, cells)
    for refusal in refusals_of(draft):
        field = refusal.field or "text"
        record.refuse(fields.get(field, field), refusal)
    return draft


def _read_rich(record: Record) -> bool:
    told = fold(record.text("rich", limit=60))
    if told not in IS_RICH:
        record.refuse("rich", Refusal("bad-rich"))
    return IS_RICH.get(told, False)


def _read_kind_and_cells(record: Record, *, rich: bool) -> tuple[Kind | None, Cells]:
    texts = [record.text(column.key, limit=SHORT_LIMIT, multiline=True, indented=rich) for column in OPTIONS]
    while texts and not texts[-1]:
        texts.pop()
    told = fold(record.text("kind", limit=60))
    if told and told not in KINDS:
        record.refuse("kind", BAD_KIND)
    in_cells = told in KINDS and KINDS[told] not in CHOICES
    key = record.text("key", limit=TEXT_LIMIT if in_cells else _KEY_LIMIT, multiline=in_cells, required=not in_cells)
    said = [record.text(column.key, limit=SHORT_LIMIT, multiline=True, indented=rich) for column in FEEDBACK]
    return KINDS.get(told) if told else _kind_of(key, texts), Cells(texts, key, said)


def _made(record: Record, kind: Kind | None, cells: Cells) -> Made:
    """Return what the cells of a question make of it; what is wrong with them is noted."""
    if kind is None or (kind in CHOICES and not cells.key):
        return Made()
    if kind not in CHOICES:
        try:
            return read_cells(kind, cells)
        except NotTaken as reason:
            for refusal in reason.refusals:
                record.refuse(refusal.field or "key", refusal)
            return Made()
    key = _key_of(kind, cells.key, cells.options)
    texts = cells.options or ([TRUE, FALSE] if kind is Kind.TRUE_FALSE else [])
    if key is None or max(key) >= len(texts):
        record.refuse("key", Refusal("bad-key" if key is None else "key-of-no-option"))
        return Made()
    told = zip(texts, weights_of(kind, key, len(texts)), strict=True)
    return Made(tuple(OptionDraft(text, weight, cells.about(n)) for n, (text, weight) in enumerate(told)))


def _kind_of(key: str, texts: Sequence[str]) -> Kind:
    """Return the kind that the key tells."""
    if not texts or is_true_false(key):
        return Kind.TRUE_FALSE
    truths = read_truths(key) or ()
    if len(truths) == len(texts) > 1 and ("đ" in key.lower() or read_key(key) is None):
        return Kind.STATEMENTS
    return Kind.MULTIPLE_CHOICE if len(read_key(key) or ()) > 1 else Kind.SINGLE_CHOICE


def _key_of(kind: Kind, typed: str, texts: Sequence[str]) -> Key | None:
    if kind is not Kind.TRUE_FALSE:
        return read_key(typed)
    if not texts:
        return read_true_false(typed)
    return read_statement(typed, texts) if is_true_false(typed) else read_key(typed)


def _read_topic(record: Record) -> tuple[str, ...]:
    topic = split_topic(record.text("topic", limit=TEXT_LIMIT))
    if any(len(level) > TOPIC_LIMIT for level in topic):
        record.refuse("topic", Refusal("too-long", {"limit": TOPIC_LIMIT}))
    return topic


def _read_difficulty(record: Record) -> Difficulty | None:
    told = fold(record.text("difficulty", limit=60))
    if told and told not in DIFFICULTIES:
        record.refuse("difficulty", Refusal("bad-difficulty"))
    return DIFFICULTIES.get(told)


def _cells(draft: QuestionDraft) -> dict[str, str | date | None]:
    found = _choice_cells(draft) if draft.kind in CHOICES else write_cells(draft)
    cells: dict[str, str | date | None] = {
        "code": draft.code,
        "kind": LABELS[draft.kind],
        "text": draft.text,
        "key": found.key,
        "topic": join_topic(draft.topic),
        "difficulty": LABELS[draft.difficulty] if draft.difficulty else None,
        "source": draft.source,
        "effective_on": draft.effective_on,
        "explanation": draft.explanation,
        "tags": join_tags(draft.tags),
        "rich": "có" if draft.rich else None,
        "passage": draft.passage,
        "guidance": draft.guidance,
    }
    cells.update((f"option-{number}", text) for number, text in enumerate(found.options, start=1))
    cells.update((f"feedback-{number}", said) for number, said in enumerate(found.said, start=1))
    return cells


def _choice_cells(draft: QuestionDraft) -> Cells:
    weights = [option.weight for option in draft.options]
    said = [option.feedback for option in draft.options]
    is_plain = draft.kind is Kind.TRUE_FALSE and [option.text for option in draft.options] == [TRUE, FALSE]
    if is_plain and sorted(weights) == [Decimal(0), Decimal(1)]:
        return Cells((), TRUE if weights[0] else FALSE, said)
    return Cells([option.text for option in draft.options], write_key(draft.kind, weights), said)
