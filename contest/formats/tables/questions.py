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
    QuestionDraft,
    Reading,
)
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
    weights_of,
    write_key,
)
from contest.formats.tables.layout import HEADER_WITHIN, Column, read_table
from contest.formats.tables.letters import in_unicode
from contest.formats.tables.question_columns import (
    DIFFICULTIES,
    FEEDBACK,
    HEAD,
    IS_RICH,
    KINDS,
    LAYOUT,
    OPTIONS,
    RICH,
    TAIL,
)
from contest.formats.tables.record import Record
from contest.formats.tables.spreadsheet import Page, write_pages
from contest.formats.tags import join_tags, split_tags
from contest.formats.topics import join_topic, split_topic
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal
from contest.rules.terms import LABELS
from contest.rules.text import canonical, fold

_FEWEST_OPTIONS_WRITTEN = 4
_KEY_LIMIT = 600


def read_questions(data: bytes, convert: OldCode | None = None) -> Reading[QuestionDraft]:
    """Read questions from an XLSX or CSV file; one in an old code page is refused unless it is to be converted from it."""
    seen: dict[str, Place] = {}
    letters = partial(in_unicode, convert=convert)
    return read_table(data, LAYOUT, lambda record: _read_question(record, seen), letters=letters)


def heads_questions(text: str) -> bool:
    """Say whether a text is a CSV file with a header row of questions: letters of options alone name no table."""
    required = {column.key for column in LAYOUT.columns if column.required}
    named = (LAYOUT.named(cells) for cells in first_lines(text, HEADER_WITHIN))
    return any(len(keys) > 1 and keys & required for keys in named)


def write_questions(drafts: Iterable[QuestionDraft], *, format: Literal["xlsx", "csv"]) -> bytes:  # noqa: A002
    """Write questions so that reading them gives the same drafts again."""
    listed = list(drafts)
    options = max((len(draft.options) for draft in listed), default=0)
    feedback = max((n for d in listed for n, option in enumerate(d.options, start=1) if option.feedback), default=0)
    columns = (*HEAD, *OPTIONS[: max(options, _FEWEST_OPTIONS_WRITTEN)], *TAIL, *FEEDBACK[:feedback])
    columns = (*columns, RICH) if any(draft.rich for draft in listed) else columns
    return write_pages([question_page(listed, columns)], format=format)


def question_page(drafts: Iterable[QuestionDraft], columns: Sequence[Column]) -> Page:
    """Return the table of questions in the columns given."""
    return Page("Câu hỏi", columns, ([cells.get(column.key) for column in columns] for cells in map(_cells, drafts)))


def _read_question(record: Record, seen: dict[str, Place]) -> QuestionDraft | None:
    code = record.text("code", limit=CODE_LIMIT)
    if code and (first := seen.setdefault(canonical(code), record.place)) != record.place:
        record.refuse("code", Refusal("code-twice", {"code": code, "first": first.number}))
    rich = _read_rich(record)
    text = record.text("text", limit=TEXT_LIMIT, required=True, multiline=True, indented=rich)
    kind, options = _read_options(record, rich=rich)
    draft = QuestionDraft(
        code=code or None,
        kind=kind or Kind.SINGLE_CHOICE,
        text=text,
        options=options,
        topic=_read_topic(record),
        difficulty=_read_difficulty(record),
        source=record.text("source", limit=SHORT_LIMIT, multiline=True),
        effective_on=record.day("effective_on"),
        explanation=record.text("explanation", limit=TEXT_LIMIT, multiline=True, indented=rich),
        tags=split_tags(record.text("tags", limit=SHORT_LIMIT)),
        rich=rich,
        place=record.place,
    )
    if record.has_errors():
        return None
    draft = in_one_form(draft)
    for refusal in refusals_of(draft):
        record.refuse("key" if refusal.field == "options" else refusal.field or "text", refusal)
    return draft


def _read_rich(record: Record) -> bool:
    told = fold(record.text("rich", limit=60))
    if told not in IS_RICH:
        record.refuse("rich", Refusal("bad-rich"))
    return IS_RICH.get(told, False)


def _read_options(record: Record, *, rich: bool) -> tuple[Kind | None, tuple[OptionDraft, ...]]:
    texts = [record.text(column.key, limit=SHORT_LIMIT, multiline=True, indented=rich) for column in OPTIONS]
    while texts and not texts[-1]:
        texts.pop()
    typed = record.text("key", limit=_KEY_LIMIT, required=True)
    kind = _read_kind(record, typed, texts)
    if kind is None or not typed:
        return kind, ()
    key = _key_of(kind, typed, texts)
    texts = texts or ([TRUE, FALSE] if kind is Kind.TRUE_FALSE else [])
    if key is None or max(key) >= len(texts):
        record.refuse("key", Refusal("bad-key" if key is None else "key-of-no-option"))
        return kind, ()
    weights = weights_of(kind, key, len(texts))
    said = FEEDBACK[: len(texts)]
    comments = [record.text(column.key, limit=SHORT_LIMIT, multiline=True, indented=rich) for column in said]
    return kind, tuple(map(OptionDraft, texts, weights, comments))


def _read_kind(record: Record, typed_key: str, texts: Sequence[str]) -> Kind | None:
    """Return the kind as told, or as the key tells where the cell is empty."""
    told = fold(record.text("kind", limit=60))
    if told:
        if told not in KINDS:
            record.refuse("kind", Refusal("bad-kind"))
        return KINDS.get(told)
    if not texts or is_true_false(typed_key):
        return Kind.TRUE_FALSE
    return Kind.MULTIPLE_CHOICE if len(read_key(typed_key) or ()) > 1 else Kind.SINGLE_CHOICE


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
    weights = [option.weight for option in draft.options]
    is_plain = draft.kind is Kind.TRUE_FALSE and [option.text for option in draft.options] == [TRUE, FALSE]
    is_plain = is_plain and sorted(weights) == [Decimal(0), Decimal(1)]
    cells: dict[str, str | date | None] = {
        "code": draft.code,
        "kind": LABELS[draft.kind],
        "text": draft.text,
        "key": (TRUE if weights[0] else FALSE) if is_plain else write_key(draft.kind, weights),
        "topic": join_topic(draft.topic),
        "difficulty": LABELS[draft.difficulty] if draft.difficulty else None,
        "source": draft.source,
        "effective_on": draft.effective_on,
        "explanation": draft.explanation,
        "tags": join_tags(draft.tags),
        "rich": "có" if draft.rich else None,
    }
    for number, option in enumerate(draft.options, start=1):
        cells[f"option-{number}"] = None if is_plain else option.text
        cells[f"feedback-{number}"] = option.feedback
    return cells
