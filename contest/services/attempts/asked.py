"""The questions of a paper as whoever takes it sees them: lettered, in their order, with what is given. No key is known here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from contest.rules.papers import Item, shown_before, versions_shown
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.bodies import Limits, Part
from contest.rules.steps import Walk
from contest.services.attempts.content import Content, contents_of
from contest.services.attempts.handed import FileView, files_of


@dataclass(frozen=True, slots=True)
class OptionView:
    id: str
    letter: str
    text: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class PartView:
    """A part with what is given to it; its options are those it offers, its own or the question's."""

    id: str
    number: int
    kind: PartKind
    text: str
    options: tuple[OptionView, ...]
    unit: str
    given: str | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question of a paper; `options` stand in the order of this attempt, an ordering's in the order last given.

    `passages` are the texts that it is read with; `begins` says whether it is the first of the questions with them.
    `heading` is the title of the section that it is the first question of, "" for any other; `version` which one is asked,
    None for one that is not kept.
    """

    position: int
    kind: Kind
    text: str
    words: str
    options: tuple[OptionView, ...]
    parts: tuple[PartView, ...]
    limits: Limits
    value: Any
    revision: int
    points: Decimal = Decimal(1)
    passages: tuple[str, ...] = ()
    begins: bool = True
    files: tuple[FileView, ...] = ()
    heading: str = ""
    version: int | None = None

    @property
    def chosen(self) -> frozenset[str]:
        """The options that are chosen."""
        value = self.value
        return frozenset(value if isinstance(value, list) else [value] if isinstance(value, str) else [])

    @property
    def is_answered(self) -> bool:
        return self.value is not None


def open_questions(
    items: Sequence[Item],
    values: Mapping[int, tuple[int, Any]],
    code: str,
    walk: Walk | None,
    now: datetime,
) -> tuple[QuestionView, ...]:
    """Return the questions that may be answered now; of all others not a word leaves the server."""
    questions = questions_of(items, values, code)
    return questions if walk is None else tuple(q for q in questions if walk.is_open(q.position, now))


def questions_of(
    items: Sequence[Item], values: Mapping[int, tuple[int, Any]], paper_code: str | None = None
) -> tuple[QuestionView, ...]:
    """Return the questions of a paper in its order, lettered, with what is given and what they are worth.

    Files are looked for where a question takes some, those of the attempt or the try that has the code.
    """
    contents = contents_of(versions_shown(items))
    takes_files = paper_code is not None and any(contents[item.version_id].kind is Kind.UPLOAD for item in items)
    files = files_of(paper_code, values) if paper_code is not None and takes_files else {}
    out = []
    headings = [item.section if n == 0 or items[n - 1].section != item.section else "" for n, item in enumerate(items)]
    for position, (item, before) in enumerate(zip(items, shown_before(items), strict=True), 1):
        revision, value = values.get(position, (0, None))
        view = question_view(
            position, contents[item.version_id], item.options, value, revision, item.worth.points, item.version_id
        )
        if before:
            told = tuple(contents[version].body.text for version in before)
            view = replace(view, passages=told, begins=bool(item.before))
        if headings[position - 1]:
            view = replace(view, heading=headings[position - 1])
        out.append(replace(view, files=files[position]) if position in files else view)
    return tuple(out)


def question_view(
    position: int,
    content: Content,
    order: Sequence[str],
    value: Any,
    revision: int,
    points: Decimal = Decimal(1),
    version: int | None = None,
) -> QuestionView:
    """Return a question with its options in an order, and what is given to it."""
    body, texts = content.body, content.texts
    options = tuple(OptionView(o, chr(65 + i), texts[o], body.areas.get(o, "")) for i, o in enumerate(order))
    if content.kind is Kind.ORDERING and value:
        options = tuple(sorted(options, key=lambda o: value.index(o.id)))
    given = value if isinstance(value, dict) else {}
    parts = tuple(
        PartView(p.id, i, p.kind, p.text, _offered(p, options), p.unit, given.get(p.id))
        for i, p in enumerate(body.parts, 1)
    )
    return QuestionView(
        position, content.kind, body.text, content.words, options, parts, body.limits, value, revision, points,
        version=version,
    )  # fmt: skip


def _offered(part: Part, options: tuple[OptionView, ...]) -> tuple[OptionView, ...]:
    """Return what a part may be answered with. Its own options stand in the order of their ids, which says nothing."""
    if part.kind is PartKind.STEM:
        return options
    return tuple(OptionView(o, chr(65 + i), text) for i, (o, text) in enumerate(sorted(part.options)))
