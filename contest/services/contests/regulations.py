"""Regulations as files of settings: set up by the commands that organisers use, and written from what stands."""

from contextlib import suppress
from datetime import datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from contest.db import db, transaction
from contest.errors import Conflict, Invalid
from contest.formats import regulations as files
from contest.formats.regulations import Regulations, RoundSettings, Span
from contest.models.banks import Bank
from contest.models.contests import Round
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget, Reveal
from contest.rules.units import Formula
from contest.rules.windows import Window
from contest.services import organisation
from contest.services.contests import rounds, schedules, setup

# What files do not say, since regulations do not: chosen as the page of a new round chooses it.
_UNSAID = {
    "shuffle_questions": True,
    "shuffle_options": True,
    "reveal": Reveal.SCORE,
    "reveal_after_close": Reveal.REVIEW,
    "board": Board.LIVE,
    "freezes_at": None,
    "names_public": False,
    "network_allowance": 5,
}


def read(data: bytes) -> Regulations:
    """Read a file of settings; raises Invalid naming every line and key that is wrong."""
    try:
        return files.read(data)
    except files.Broken as broken:
        raise Invalid(*broken.refusals) from None


class _Undone(Exception):
    """Ends a try-out, so that its transaction leaves nothing."""


def load(found: Regulations, *, bank: str, organiser: str, dry_run: bool = False, by: Actor) -> None:
    """Set a contest up as a draft, the whole of it or nothing; with `dry_run` only say what would be refused.

    Raises Invalid for what any page of the set-up would refuse, and NotFound for an organiser out of the actor's scope.
    """
    bank_id = db.session.scalar(sa.select(Bank.id).where(Bank.code == bank))
    if bank_id is None:
        raise Invalid(Refusal("bank-unknown", {"code": bank}, "bank"))
    zone = _zone()
    with suppress(_Undone), transaction():
        facts = {"slug": found.slug, "title": found.title, "theme": found.theme, "regulations": found.whole_text}
        slug = setup.create(facts, organiser=organiser, by=by)
        setup.choose_units(slug, [organiser], seen=1, by=by)
        formula = Formula(found.units, least_score=found.least_score or Decimal(), best=found.best or 0)
        setup.choose_unit_ranking(slug, formula, seen=2, by=by)
        for seen, row in enumerate(found.rounds, 3):
            lines = [{"topic_id": None, "difficulty": None, "count": row.questions}]
            windows = [Window(_instant(a, zone), _instant(b, zone)) for a, b in row.windows]
            rounds.add_round(slug, _values(row, bank_id, zone), lines, windows, seen=seen, by=by)
        if dry_run:
            raise _Undone


def _values(row: RoundSettings, bank_id: int, zone: tzinfo) -> dict[str, object]:
    return {
        "title": row.title,
        "opens_at": _instant(row.opens_at, zone),
        "closes_at": _instant(row.closes_at, zone),
        "minutes": row.minutes,
        "attempts_allowed": row.attempts,
        "attempts_per": row.attempts_per,
        "counted": row.counted,
        "bank_id": bank_id,
        "prediction": row.prediction,
        "criteria": list(row.criteria),
        **_UNSAID,
    }


def settings(slug: str, *, by: Actor) -> Regulations:
    """Return a contest's set-up as a file would say it; raises NotFound, and Conflict for papers of several topics."""
    contest = setup.get_contest(slug, by=by)
    formula, zone = setup.formula_of(contest), _zone()
    own = tuple(_settings(row, zone) for row in rounds.list_rounds(contest.id))
    return Regulations(
        contest.slug, contest.title, contest.theme, contest.regulations, formula.criterion,
        formula.least_score or None, formula.best or None, own,
    )  # fmt: skip


def file_of(slug: str, *, by: Actor) -> bytes:
    """Return a contest's set-up as a file."""
    return files.write(settings(slug, by=by))


def _settings(row: Round, zone: tzinfo) -> RoundSettings:
    lines = rounds.list_lines(row.id)
    if any(line.topic_id is not None or line.difficulty is not None for line in lines):
        raise Conflict(Refusal("settings-blueprint", {"title": row.title}))

    def local(at: datetime) -> datetime:
        return at.astimezone(zone).replace(tzinfo=None)

    several: tuple[Span, ...] = tuple((local(w.opens_at), local(w.closes_at)) for w in schedules.several(row))
    return RoundSettings(
        row.title, local(row.opens_at), local(row.closes_at), sum(line.count for line in lines), row.minutes,
        row.attempts_allowed, LimitPer(row.attempts_per), Counted(row.counted),
        PredictionTarget(row.prediction) if row.prediction else None, tuple(Criterion(c) for c in row.criteria), several,
    )  # fmt: skip


def _zone() -> tzinfo:
    return ZoneInfo(organisation.speech().zone)


def _instant(at: datetime, zone: tzinfo) -> datetime:
    return at.replace(tzinfo=zone)
