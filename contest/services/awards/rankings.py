"""The ranking that a list of prizes goes by: that of a round, or the overall standing of its contest."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db
from contest.models.contests import Contest, Round
from contest.models.overall import OverallResult, OverallStanding
from contest.models.results import Standing
from contest.rules.refusals import Refusal
from contest.rules.units import Formula, UnitPlace
from contest.services.awards.lists import ListView
from contest.services.contests import overall as overall_setup
from contest.services.results import overall, overall_board, prizewinners, turnouts, unit_boards, versions
from contest.services.results.turnouts import Counting


def people_of(found: ListView) -> tuple[Any, sa.ColumnElement[bool]]:
    """Return the table of standings that a list of people goes by, and which of its rows are placed."""
    if found.round_id is None:
        return OverallStanding, OverallStanding.contest_id == found.contest_id
    return Standing, sa.and_(Standing.round_id == found.round_id, Standing.place.is_not(None))


def units_of(contest: Contest, found: ListView, formula: Formula) -> Sequence[UnitPlace]:
    """Return the units as a list of units has them: by a round, or each person once over all rounds that count."""
    counting = counting_of(contest, found)
    return () if counting is None else unit_boards.places(prizewinners.measured(contest, counting, formula), formula)


def counting_of(contest: Contest, found: ListView) -> Counting | None:
    """Return what a list of units counts: one round, or all rounds that count and are shown; None while none is."""
    if found.round_id is not None:
        return turnouts.of_round(db.session.get_one(Round, found.round_id), clock.now())
    counted = [r for r in overall_setup.list_counted(contest.id) if r.shown_at is not None]
    if not counted:
        return None
    closes_at = max(r.closes_at for r in counted)
    return Counting(tuple(r.id for r in counted), closes_at if closes_at <= clock.now() else None, is_whole=True)


def result_of(found: ListView) -> tuple[int | None, bool]:
    """Return the version of the result that a list rests on, None while there is none, and whether it is published.

    The overall standing is one once every round that counts has its result, and published once all of those are.
    """
    if found.round_id is not None:
        shown = versions.shown(found.round_id)
        return (None, False) if shown is None else (shown.version, versions.is_published(shown.id))
    rounds = overall_board.rounds_in(found.contest_id)
    result = db.session.get(OverallResult, found.contest_id, populate_existing=True)
    is_whole = bool(rounds) and all(r.is_shown for r in rounds) and found.contest_id not in overall.due()
    if result is None or not is_whole:
        return None, False
    return result.version, all(r.is_published for r in rounds)


def is_shown(found: ListView) -> bool:
    """Say whether everybody sees the result that a list goes by, approved or not."""
    if found.round_id is not None:
        return db.session.get_one(Round, found.round_id, populate_existing=True).shown_at is not None
    rounds = overall_board.rounds_in(found.contest_id)
    return bool(rounds) and all(r.is_shown for r in rounds)


def missing(found: ListView) -> Refusal:
    """Return why a list cannot go on while its ranking has no result."""
    return Refusal("round-unsettled" if found.round_id is not None else "overall-incomplete")


def names_public(found: ListView) -> bool:
    """Say whether visitors see names where a list goes by."""
    if found.round_id is not None:
        return db.session.get_one(Round, found.round_id).names_public
    return all(r.names_public for r in overall_board.rounds_in(found.contest_id))
