"""Writing a file of settings that reads as the same; what is as a file would have it unsaid is left out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from contest.formats.regulations.reading import NO_PREDICTION, OVERALL, UNLIMITED
from contest.formats.regulations.terms import (
    AdvanceSettings,
    OverallSettings,
    PaperLine,
    PrizeLine,
    PrizeSettings,
    Regulations,
    RoundSettings,
    UnitSettings,
)  # fmt: skip
from contest.rules.result_terms import Publication
from contest.rules.steps import Course
from contest.rules.unit_terms import ComparedUnits

_NOTHING = {"attempts": UNLIMITED, "prediction": NO_PREDICTION}


def write(found: Regulations) -> bytes:
    """Write a file that reads as the same settings."""
    facts = {name: getattr(found, name) for name in ("slug", "title", "theme", "text")}
    if found.publication is not Publication.PROVISIONAL:
        facts["publication"] = found.publication
    lines = [*_said(facts), "", "[units]", *_said(_units(found.units))]
    for row in found.rounds:
        lines += ["", "[[rounds]]", *_said(_round(row))]
    if found.overall is not None:
        lines += ["", "[overall]", *_said(_overall(found.overall))]
    for prizes in found.prizes:
        lines += ["", "[[prizes]]", *_said(_prizes(prizes))]
    for part in found.later:
        lines += ["", "[[later]]", *_said({"title": part.title, "note": part.note})]
    return ("\n".join(lines) + "\n").encode()


def _said(values: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{_key(name)} = {_toml(value)}" for name, value in values.items())


def _units(own: UnitSettings) -> dict[str, Any]:
    formula = own.formula
    values: dict[str, Any] = {"criterion": formula.criterion}
    if own.compared is not ComparedUnits.TAKING_PART:
        values["compared"] = own.compared
    numbers = {"least_score": formula.least_score, "best": formula.best, "prize_points": formula.prize_points}
    more = {**numbers, "below": own.below, "level": own.level, "divisions": own.divisions}
    return values | {name: value for name, value in more.items() if value}


def _round(row: RoundSettings) -> dict[str, Any]:
    values = {**_unlike_default(row), **_unlike_default(row.course)}
    values.pop("course", None)
    values["questions"] = _paper(row.questions)
    if row.course.sections:
        values["sections"] = [section.stored() for section in row.course.sections]
    if row.advance is not None:
        values["advance"] = _advance(row.advance)
    return values


def _unlike_default(settings: RoundSettings | Course) -> dict[str, Any]:
    return {
        field.name: _NOTHING.get(field.name) if value is None else value
        for field in fields(settings)
        if not _is_unsaid(field, value := getattr(settings, field.name))
    }


def _is_unsaid(field: Field[Any], value: Any) -> bool:
    return field.default is not MISSING and value == field.default


def _paper(lines: tuple[PaperLine, ...]) -> Any:
    if len(lines) == 1 and lines[0] == PaperLine(lines[0].count):
        return lines[0].count
    return [
        _filled(count=x.count, topic=x.topic, difficulty=x.difficulty, question=x.question, marked=x.marked)
        | _filled(section=x.section)
        | _worth(x)
        for x in lines
    ]


def _worth(line: PaperLine) -> dict[str, Any]:
    said = line.worth.stored()
    return {**said, "points": line.worth.points} if "points" in said else said


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _source(number: int | None) -> int | str:
    return OVERALL if number is None else number


def _advance(own: AdvanceSettings) -> dict[str, Any]:
    plan = own.plan
    more = _filled(count=plan.count, least_score=plan.least_score, quotas=plan.quotas, reserve=plan.reserve)
    kept = {} if own.compared_units else {"compared_units": False}
    return {"from": _source(own.source), "by": plan.by, **more, **kept}


def _overall(own: OverallSettings) -> dict[str, Any]:
    best = {} if own.rule.best is None else {"best": own.rule.best}
    return {"way": own.rule.way, **best, "criteria": own.rule.criteria, "rounds": own.rounds}


def _prizes(own: PrizeSettings) -> dict[str, Any]:
    cap = {} if own.cap is None else {"cap": own.cap}
    lines = tuple(map(_line, own.lines))
    to = "units" if own.for_units else "people"
    return {"title": own.title, "over": _source(own.over), "for": to, "edge": own.edge, **cap, "lines": lines}


def _line(own: PrizeLine) -> dict[str, Any]:
    return {"name": own.name, "count": own.count, **_filled(special=own.special, by=own.by)}


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalpha() else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="seconds")
        case int():
            return str(value)
        case Decimal():
            return f'"{value.normalize():f}"'
        case Mapping():
            return "{ " + ", ".join(_said(value)) + " }" if value else "{}"
        case tuple() | list():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return _text(str(value))
