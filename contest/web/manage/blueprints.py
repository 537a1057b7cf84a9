"""The paper of a round as it is filled in: a matrix of topics and levels, and lines beside it; nothing typed is lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from contest.errors import Invalid
from contest.rules.marking import Scoring, Way
from contest.rules.matrices import Asked, Place, matrix, supply_by_place
from contest.rules.question_terms import Difficulty
from contest.rules.refusals import Refusal
from contest.rules.worth import (
    Negative,
    Worth,
    as_points,
    check_worth,
    read_amount,
    read_fraction,
    read_ladder,
    write_ladder,
)
from contest.services.contests import blueprint_lines, publishing
from contest.web import filled
from contest.web.context import speech
from contest.web.manage import sections

MOST_OF_A_LINE = 999
LEVELS: tuple[str, ...] = ("", *Difficulty)
COLUMNS = ("topic", "difficulty", "count", "question", "marked", "points", "way", "ladder", "penalty", "section")
BY_PEOPLE = "people"  # what a line says whose questions people mark
SPARE = 3  # lines beside the matrix that are left to fill in
_FIELD_OF = {slug: "penalty" if slug.startswith("penalty") else "ladder" for slug in (
    "ladder-missing", "ladder-unused", "ladder-broken", "penalty-range", "penalty-not-allowed")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: per place a count, per level the points, and lines beside, each by its columns.

    `section` is the one of the questions in the matrix.
    """

    counts: Mapping[tuple[str, str], str]
    points: Mapping[str, str]
    lines: tuple[Mapping[str, str], ...]
    section: str = ""


@dataclass(frozen=True, slots=True)
class CellView:
    topic: str
    level: str
    level_name: str
    count: str
    supply: int | None


@dataclass(frozen=True, slots=True)
class RowView:
    topic: str
    name: str
    path: str
    depth: int
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class PaperForm:
    """The matrix with what the bank can give for each place, the lines beside it, and what the whole lacks."""

    levels: tuple[tuple[str, str, str], ...]
    rows: tuple[RowView, ...]
    lines: tuple[Mapping[str, str], ...]
    check: publishing.Supply
    names: tuple[str, ...]
    section: str = ""


def stored(lines: Sequence[blueprint_lines.LineView], bank_id: int | None) -> tuple[Typed, dict[str, str]]:
    """Return a blueprint as the form has it, and the values of the fields that say how its cells are scored."""
    asked = [
        Asked((x.topic_id, x.difficulty or None), x.count, x.worth, x.question_id, x.marked, x.section) for x in lines
    ]
    found = matrix(asked, [topic for topic, _ in blueprint_lines.topics_of(bank_id)])
    counts = {(str(topic or ""), level or ""): str(n) for (topic, level), n in found.counts.items()}
    points = {level or "": _said(worth) for level, worth in found.points.items()}
    beside = tuple(_columns(lines[n]) for n in found.beside)
    return Typed(counts, points, beside, str(found.section or "")), _scored(found.scoring)


def _columns(line: blueprint_lines.LineView) -> dict[str, str]:
    facts = {"topic": str(line.topic_id or ""), "difficulty": line.difficulty or "", "count": str(line.count)}
    asks = {
        "question": line.question,
        "marked": BY_PEOPLE if line.marked else "",
        "section": str(line.section or ""),
    }
    return {**facts, **asks, "points": _said(line.worth.points), **_scored(line.worth.scoring)}


def _scored(scoring: Scoring) -> dict[str, str]:
    penalty = str(scoring.penalty) if scoring.penalty else ""
    return {"way": scoring.way.value, "ladder": write_ladder(scoring.ladder), "penalty": penalty}


def _said(points: Decimal) -> str:
    return as_points(points).replace(".", ",")


def typed() -> Typed:
    """Return the paper as the form was sent; lines that are empty are left out."""
    cells = zip_longest(filled.given("cell"), filled.given("cell-count"), fillvalue="")
    counts = {
        (topic, level): n.strip() for (topic, _, level), n in ((c.partition(":"), n) for c, n in cells) if n.strip()
    }
    points = dict(zip(LEVELS, (p.strip() for p in filled.given("level-points")), strict=False))
    columns = zip_longest(*(filled.given(f"line-{name}") for name in COLUMNS), fillvalue="")
    lines = [dict(zip(COLUMNS, values, strict=True)) for values in columns]
    return Typed(
        counts,
        points,
        tuple(x for x in lines if any(x[n].strip() for n in ("topic", "difficulty", "count", "question"))),
        "".join(filled.given("matrix-section")[:1]),
    )


def read(said: Typed, bank_id: int | None, scoring: Mapping[str, str], negative: str) -> list[dict[str, Any]]:
    """Return the lines of the blueprint; raises Invalid naming the cell, the level or the line that is wrong."""
    allowed = Negative(negative) if negative in set(Negative) else Negative.NONE
    way = _scoring(scoring)
    refusal = way if isinstance(way, Refusal) else check_worth(Worth(scoring=way), allowed)
    if refusal is not None:
        raise Invalid(Refusal(refusal.slug, refusal.params, _FIELD_OF[refusal.slug]))
    assert not isinstance(way, Refusal)
    return [*_cells(said, bank_id, way), *_beside(said, bank_id, allowed)]


def _cells(said: Typed, bank_id: int | None, scoring: Scoring) -> Iterator[dict[str, Any]]:
    points, section = {}, sections.number_of(said.section)
    for level, text in said.points.items():
        amount = read_amount(text) if text else Decimal(1)
        if amount is None or check_worth(Worth(amount), Negative.NONE):
            raise Invalid(Refusal("level-points", {"level": _level(level)}, "blueprint"))
        points[level] = amount
    for (topic, level), text in said.counts.items():
        topic_id, count = filled.whole(topic), filled.whole(text)
        if (topic and topic_id is None) or level not in LEVELS:
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
        if count is None or count > MOST_OF_A_LINE:
            named = dict(blueprint_lines.topics_of(bank_id)).get(topic_id or 0, speech().text("Mọi chủ đề"))
            raise Invalid(Refusal("bad-cell", {"topic": named, "level": _level(level)}, "blueprint"))
        if count:
            worth = Worth(points.get(level, Decimal(1)), scoring)
            yield {
                "topic_id": topic_id,
                "difficulty": level or None,
                "count": count,
                "worth": worth.stored(),
                "question_id": None,
                "marked": False,
                "section": section,
            }


def _beside(said: Typed, bank_id: int | None, negative: Negative) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(said.lines, 1):
        code = line["question"].strip()
        topic_id, count = filled.whole(line["topic"]), 1 if code else filled.whole(line["count"].strip())
        if not code and not line["count"].strip():
            continue
        if count is None or count > MOST_OF_A_LINE or (line["topic"] and topic_id is None):
            raise Invalid(Refusal("bad-line", {"line": number}, "blueprint"))
        if (line["difficulty"] and line["difficulty"] not in LEVELS) or line["marked"] not in {"", BY_PEOPLE}:
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
        marked, worth = line["marked"] == BY_PEOPLE and not code, _worth(line)
        refusal = worth if isinstance(worth, Refusal) else check_worth(worth, negative, marked=marked)
        if refusal is not None:
            raise Invalid(Refusal("line-refused", {"line": number, "why": refusal}, "blueprint"))
        assert not isinstance(worth, Refusal)
        place = (
            {"topic_id": None, "difficulty": None}
            if code
            else {"topic_id": topic_id, "difficulty": line["difficulty"] or None}
        )
        if count:
            asks = {"count": count, "worth": worth.stored(), "marked": marked}
            asks["section"] = sections.number_of(line["section"])
            yield {**place, **asks, "question_id": blueprint_lines.find_question(bank_id, code)}


def _worth(line: Mapping[str, str]) -> Worth | Refusal:
    points = read_amount(line["points"]) if line["points"].strip() else Decimal(1)
    scoring = _scoring(line)
    if isinstance(scoring, Refusal):
        return scoring
    return Worth(Decimal() if points is None else points, scoring)


def _scoring(said: Mapping[str, str]) -> Scoring | Refusal:
    if said["way"] not in {"", *Way}:
        return Refusal("ladder-missing")
    way = Way(said["way"] or Way.AS_KIND)
    ladder = read_ladder(said["ladder"]) if said["ladder"].strip() else ()
    penalty = read_fraction(said["penalty"]) if said["penalty"].strip() else Fraction()
    if ladder is None:
        return Refusal("ladder-broken", {"most": 20})
    return Refusal("penalty-range") if penalty is None else Scoring(way, ladder, penalty)


def laid_out(said: Typed, bank_id: int | None, lines: Sequence[Mapping[str, Any]]) -> PaperForm:
    """Return the form of a paper; `lines` are those that could be read of it."""
    topics = blueprint_lines.topics_of(bank_id)
    check = publishing.supply_for(bank_id, lines)
    supply = supply_by_place(topics, check.by_cell) if bank_id is not None else None
    paths = [(None, speech().text("Mọi chủ đề")), *topics]
    rows = tuple(
        RowView(
            str(topic or ""), path.rpartition("/")[2], path, path.count("/") if topic else 0,
            tuple(_cell(said, topic, level, supply) for level in LEVELS),
        )
        for topic, path in paths
    )  # fmt: skip
    levels = tuple((level, _level(level), said.points.get(level, "")) for level in LEVELS)
    spare: Mapping[str, str] = dict.fromkeys(COLUMNS, "")
    return PaperForm(
        levels, rows, (*said.lines, *[spare] * SPARE), check, tuple(_name(x, dict(topics)) for x in lines), said.section
    )


def _cell(said: Typed, topic: int | None, level: str, supply: Mapping[Place, int] | None) -> CellView:
    there = None if supply is None else supply.get((topic, level or None), 0)
    return CellView(str(topic or ""), level, _level(level), said.counts.get((str(topic or ""), level), ""), there)


def _name(line: Mapping[str, Any], topics: Mapping[int, str]) -> str:
    """Return what a line asks for, in words: a question by its code, or its topic and its level."""
    if line["question_id"] is not None:
        return speech().text("Câu bắt buộc %(code)s", code=blueprint_lines.code_of(line["question_id"]))
    found = f"{topics.get(line['topic_id'], speech().text('Mọi chủ đề'))}, {_level(line['difficulty'] or '')}"
    return f"{found}, {speech().text('giám khảo chấm')}" if line["marked"] else found


def _level(level: str) -> str:
    return speech().label(Difficulty(level)) if level in set(Difficulty) else speech().text("Mọi mức độ")
