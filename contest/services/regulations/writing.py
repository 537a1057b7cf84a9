"""A contest's set-up as a file of settings says it, so that the file sets up the same."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from contest.db import rows
from contest.formats import regulations as files
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
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.question_terms import Difficulty
from contest.rules.result_terms import Publication
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget, Reveal
from contest.rules.worth import Negative
from contest.services import organisation
from contest.services.awards import lists
from contest.services.contests import blueprint_lines, comparison, overall, rounds, schedules, setup
from contest.services.contests.courses import course_of
from contest.services.results import advancement


def settings(slug: str, *, by: Actor) -> Regulations:
    """Return a contest's set-up as a file would say it; raises NotFound."""
    contest = setup.get_contest(slug, by=by)
    own = rounds.list_rounds(contest.id)
    numbers = {row.id: n for n, row in enumerate(own, 1)}
    return Regulations(
        contest.slug,
        contest.title,
        contest.theme,
        contest.regulations,
        Publication(contest.publication),
        _units(contest),
        tuple(_round(row, numbers) for row in own),
        _overall(contest, numbers),
        tuple(_prizes(found, numbers) for found in lists.list_lists(contest)),
    )


def file_of(slug: str, *, by: Actor) -> bytes:
    """Return a contest's set-up as a file."""
    return files.write(settings(slug, by=by))


def _units(contest: Contest) -> UnitSettings:
    compared, named = setup.compared_of(contest), dict[str, list[str]]()
    divisions = comparison.divisions_of(contest.id)
    known = rows(sa.select(Unit.id, Unit.code).where(Unit.id.in_(divisions)).order_by(Unit.code))
    for unit_id, code in known:
        named.setdefault(divisions[unit_id], []).append(code)
    units = {name: tuple(codes) for name, codes in sorted(named.items())}
    return UnitSettings(setup.formula_of(contest), compared.which, compared.unit, compared.level, units)


def _round(row: Round, numbers: Mapping[int, int]) -> RoundSettings:
    zone = ZoneInfo(organisation.speech().zone)

    def local(at: datetime) -> datetime:
        return at.astimezone(zone).replace(tzinfo=None)

    return RoundSettings(
        row.title,
        local(row.opens_at),
        local(row.closes_at),
        tuple(map(_line, blueprint_lines.list_lines(row.id))),
        row.minutes,
        row.attempts_allowed,
        LimitPer(row.attempts_per),
        Counted(row.counted),
        PredictionTarget(row.prediction) if row.prediction else None,
        tuple(Criterion(c) for c in row.criteria),
        tuple((local(w.opens_at), local(w.closes_at)) for w in schedules.several(row)),
        row.shuffle_questions,
        row.shuffle_options,
        Reveal(row.reveal),
        Reveal(row.reveal_after_close),
        Board(row.board),
        None if row.freezes_at is None else local(row.freezes_at),
        row.names_public,
        row.network_allowance,
        _advance(row, numbers),
        row.no_repeat,
        row.least_used,
        Negative(row.negative),
        course_of(row),
    )


def _line(x: blueprint_lines.LineView) -> PaperLine:
    level = Difficulty(x.difficulty) if x.difficulty else None
    return PaperLine(x.count, x.topic, level, x.worth, x.question, x.marked, x.section)


def _advance(row: Round, numbers: Mapping[int, int]) -> AdvanceSettings | None:
    found = advancement.find(row.id)
    if found is None:
        return None
    source = None if found.source_id is None else numbers[found.source_id]
    return AdvanceSettings(source, advancement.plan_of(found), found.compared_units)


def _overall(contest: Contest, numbers: Mapping[int, int]) -> OverallSettings | None:
    rule = overall.find_rule(contest.id)
    counted = overall.list_counted(contest.id)
    return None if rule is None else OverallSettings(rule, tuple(numbers[r.id] for r in counted))


def _prizes(found: lists.ListView, numbers: Mapping[int, int]) -> PrizeSettings:
    cap = None if found.cap is None else Decimal(found.cap.numerator) / found.cap.denominator
    lines = tuple(PrizeLine(p.name, p.count, p.special, p.by) for p in found.prizes)
    over = None if found.round_id is None else numbers[found.round_id]
    return PrizeSettings(found.title, over, found.for_units, found.edge, cap, lines)
