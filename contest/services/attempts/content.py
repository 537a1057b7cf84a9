"""What a running attempt may know of questions: text and options, rendered once per version; never a key.

Versions are immutable, so a process keeps them; an attempt's paper is too.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest.db import Frozen, ask, rows
from contest.formats.rich.questions import words
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Round
from contest.rules.blueprints import MARKED, Cell
from contest.rules.papers import Candidate, Item, read_paper
from contest.rules.question_terms import Kind, VersionState
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.questions.bodies import Body
from contest.services.banks.shelf import is_drawn
from contest.services.banks.showing import body_on_screen
from contest.services.banks.storing import body_of

_PAPERS_KEPT = 20_000
_IN_ORDER = frozenset(
    {Kind.TRUE_FALSE, Kind.HOTSPOT}
)  # "Đúng" stays before "Sai", and areas as they lie on the picture


@dataclass(frozen=True, slots=True)
class Content:
    """A version as contestants see it, its rich texts as HTML; `texts` are those of its options by id, `words` its plain text."""

    kind: Kind
    body: Body
    words: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PaperShape:
    """What a save is checked against: per position what is asked there."""

    attempt_id: int
    questions: tuple[Content, ...]
    has_prediction: bool


_contents: dict[int, Content] = {}
_shapes: OrderedDict[tuple[str, int], PaperShape] = OrderedDict()
_pools: dict[int, tuple[int, Mapping[Cell, Sequence[Candidate]]]] = {}


def content_of(kind: Kind, body: Body, *, rich: bool) -> Content:
    """Return a question as pages show it, rendered once."""
    shown = body_on_screen(body, rich=rich)
    return Content(kind, shown, words(body.text, rich=rich), dict(shown.options))


def contents_of(version_ids: Sequence[int]) -> Mapping[int, Content]:
    """Return what contestants see of these versions."""
    missing = [v for v in version_ids if v not in _contents]
    if missing:
        found = rows(
            sa.select(
                QuestionVersion.id,
                QuestionVersion.kind,
                QuestionVersion.text,
                QuestionVersion.options,
                QuestionVersion.parts,
                QuestionVersion.limits,
                QuestionVersion.rich,
            ).where(QuestionVersion.id.in_(missing))
        )
        for version_id, kind, *columns, rich in found:
            _contents[version_id] = content_of(Kind(kind), body_of(*columns), rich=rich)
    return {v: _contents[v] for v in version_ids}


_SHAPE = Frozen(
    lambda: (
        sa.select(Attempt.id, Attempt.paper, Round.prediction)
        .join(Round, Round.id == Attempt.round_id)
        .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == sa.bindparam("member"))
    ),
    member="member",
)


def find_shape(code: str, member_id: int) -> PaperShape | None:
    """Return the shape of a member's own paper, or None when there is no such attempt of theirs."""
    shape = _shapes.get((code, member_id))
    if shape is None:
        found = ask(_SHAPE, {"code": code, "member": member_id})
        if not found:
            return None
        row = found[0]
        shape = keep_shape(code, member_id, row.id, read_paper(row.paper), has_prediction=row.prediction is not None)
    return shape


def keep_shape(
    code: str, member_id: int, attempt_id: int, paper: Sequence[Item], *, has_prediction: bool
) -> PaperShape:
    """Keep the shape of a member's own paper, which has just been read, and return it."""
    contents = contents_of([item.version_id for item in paper])
    shape = PaperShape(attempt_id, tuple(contents[item.version_id] for item in paper), has_prediction)
    _shapes[code, member_id] = shape
    while len(_shapes) > _PAPERS_KEPT:
        _shapes.popitem(last=False)
    return shape


def pool_of(bank_id: int, revision: int) -> Mapping[Cell, Sequence[Candidate]]:
    """Return the approved versions of a bank by cell; kept until the bank's revision moves."""
    kept = _pools.get(bank_id)
    if kept is None or kept[0] != revision:
        pool: dict[Cell, list[Candidate]] = {}
        passage = aliased(Question)
        found = rows(
            sa.select(
                Question.topic_id,
                Question.difficulty,
                Question.id,
                QuestionVersion.id,
                QuestionVersion.options,
                QuestionVersion.shuffle_options,
                QuestionVersion.kind,
                passage.approved_id,
                Question.code,
            )
            .join(QuestionVersion, QuestionVersion.id == Question.approved_id)
            .outerjoin(passage, passage.id == Question.passage_id)
            .where(Question.bank_id == bank_id, QuestionVersion.state == VersionState.APPROVED, is_drawn())
            .order_by(QuestionVersion.id)
        )
        places = {code: place for place, code in enumerate(sorted(row[-1] for row in found if row[-2]))}
        for topic_id, difficulty, question_id, version_id, options, shuffles, kind, before, code in found:
            mixes = shuffles and kind not in _IN_ORDER
            belongs = (before, places[code]) if before else (0, 0)
            candidate = Candidate(version_id, tuple(o["id"] for o in options), mixes, question_id, *belongs)
            cell: Cell = (topic_id, difficulty, MARKED) if kind in MARKED_BY_PEOPLE else (topic_id, difficulty)
            pool.setdefault(cell, []).append(candidate)
        kept = _pools[bank_id] = (revision, pool)
    return kept[1]


def forget() -> None:
    """Drop what this process keeps; for tests that change the database under it."""
    for kept in (_contents, _shapes, _pools):
        kept.clear()
