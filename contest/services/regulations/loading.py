"""Setting a contest up from a file of settings, through the commands of an organiser's pages, whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from contest.db import db, rows, transaction
from contest.errors import Conflict, Invalid
from contest.formats import regulations as files
from contest.formats.regulations.terms import PaperLine, PrizeSettings, Regulations, RoundSettings
from contest.models.banks import Bank, Topic
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.windows import Window
from contest.services import organisation
from contest.services.awards import lists
from contest.services.contests import blueprint_lines, comparison, courses, overall, rounds, setup
from contest.services.contests.setup import Compared
from contest.services.results import advancement

# What a command calls otherwise than a file does.
_KEYS = {
    "attempts_allowed": "attempts", "blueprint": "questions", "chosen": "rounds", "source": "from", "unit": "below",
    "pasted": "divisions", "prizes": "lines", "round": "over",
}  # fmt: skip
_SAME = (
    "title", "minutes", "attempts_per", "counted", "prediction", "shuffle_questions", "shuffle_options", "reveal",
    "reveal_after_close", "board", "names_public", "network_allowance", "no_repeat", "least_used", "negative",
)  # fmt: skip


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

    Raises Invalid for what any page of the set-up would refuse, named by its part of the file, and NotFound for an
    organiser out of the actor's scope.
    """
    bank_id = db.session.scalar(sa.select(Bank.id).where(Bank.code == bank))
    if bank_id is None:
        raise Invalid(Refusal("bank-unknown", {"code": bank}, "bank"))
    with suppress(_Undone), transaction():
        facts = {name: getattr(found, name) for name in ("slug", "title", "theme", "publication")}
        slug = setup.create({**facts, "regulations": found.whole_text}, organiser=organiser, by=by)
        seen = count(1)
        setup.choose_units(slug, [organiser], seen=next(seen), by=by)
        codes = _load_rounds(slug, found, bank_id, seen, by)
        _load_rankings(slug, found, codes, seen, by)
        _load_units(slug, found, seen, by)
        if dry_run:
            raise _Undone


@contextmanager
def _part(where: str) -> Iterator[None]:
    """Let what a command refuses be named by the part of the file that it came from."""
    try:
        yield
    except (Invalid, Conflict) as refused:
        raise Invalid(*(_named(where, refusal) for refusal in refused.refusals)) from None


def _named(where: str, refusal: Refusal) -> Refusal:
    key = f"{where}.{_KEYS.get(refusal.field, refusal.field)}" if refusal.field else where
    return Refusal("settings-refused", {"key": key, "why": refusal}, "settings")


def _load_rounds(slug: str, found: Regulations, bank_id: int, seen: Iterator[int], by: Actor) -> list[str]:
    """Add the rounds and return their codes."""
    zone = ZoneInfo(organisation.speech().zone)
    topics = {r[0]: r[1] for r in rows(sa.select(Topic.path, Topic.id).where(Topic.bank_id == bank_id))}
    codes = []
    for number, row in enumerate(found.rounds, 1):
        with _part(f"rounds[{number}]"):
            lines = [_line(line, topics, bank_id) for line in row.questions]
            windows = [Window(_instant(a, zone), _instant(b, zone)) for a, b in row.windows]
            values = _values(row, bank_id, zone)
            codes.append(rounds.add_round(slug, values, lines, windows, seen=next(seen), by=by))
    return codes


def _line(line: PaperLine, topics: dict[str, int], bank_id: int) -> dict[str, Any]:
    if line.topic and line.topic not in topics:
        raise Invalid(Refusal("settings-topic", {"topic": line.topic}, "blueprint"))
    plain = {"topic_id": topics.get(line.topic), "difficulty": line.difficulty, "count": line.count}
    question_id = blueprint_lines.find_question(bank_id, line.question)
    asks = {"question_id": question_id, "marked": line.marked, "section": line.section}
    return {**plain, **asks, "worth": line.worth.stored()}


def _values(row: RoundSettings, bank_id: int, zone: tzinfo) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _SAME},
        "opens_at": _instant(row.opens_at, zone),
        "closes_at": _instant(row.closes_at, zone),
        "freezes_at": None if row.freezes_at is None else _instant(row.freezes_at, zone),
        "attempts_allowed": row.attempts,
        "bank_id": bank_id,
        "criteria": list(row.criteria),
        **courses.stored(row.course),
    }


def _instant(at: datetime, zone: tzinfo) -> datetime:
    return at.replace(tzinfo=zone)


def _load_rankings(slug: str, found: Regulations, codes: Sequence[str], seen: Iterator[int], by: Actor) -> None:
    """Say how rounds count together, who advances, and which prizes there are."""
    if found.overall is not None:
        with _part("overall"):
            counted = [codes[n - 1] for n in found.overall.rounds]
            overall.choose(slug, found.overall.rule, counted, seen=next(seen), by=by)
    for number, row in enumerate(found.rounds, 1):
        if row.advance is not None:
            said = row.advance
            source = advancement.OVERALL if said.source is None else codes[said.source - 1]
            with _part(f"rounds[{number}].advance"):
                advancement.choose(
                    slug, codes[number - 1], said.plan, source=source, compared_units=said.compared_units,
                    seen=next(seen), by=by,
                )  # fmt: skip
    for number, prizes in enumerate(found.prizes, 1):
        with _part(f"prizes[{number}]"):
            _load_prizes(slug, prizes, codes, by)


def _load_prizes(slug: str, prizes: PrizeSettings, codes: Sequence[str], by: Actor) -> None:
    values = {name: getattr(prizes, name) for name in ("title", "for_units", "edge", "cap")}
    over = lists.OVERALL if prizes.over is None else codes[prizes.over - 1]
    lines = [{"name": x.name, "count": x.count, "special": x.special, "by": x.by} for x in prizes.lines]
    lists.create(slug, {**values, "round": over}, lines, by=by)


def _load_units(slug: str, found: Regulations, seen: Iterator[int], by: Actor) -> None:
    """Say how units are compared, once it is known which prizes there are points for."""
    said = found.units
    with _part("units"):
        setup.choose_unit_ranking(
            slug, said.formula, Compared(said.compared, said.below, said.level), seen=next(seen), by=by
        )
        chosen = {code: name for name, units in said.divisions.items() for code in units}
        if chosen:
            comparison.choose_divisions(slug, chosen, seen=next(seen), by=by)
