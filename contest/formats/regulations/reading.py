"""Reading a file of settings. What `round` says holds for each of `rounds` that does not say otherwise."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contest.formats.regulations.tables import MISSING, Table, merged
from contest.formats.regulations.terms import (
    AdvanceSettings,
    Later,
    OverallSettings,
    PaperLine,
    PrizeLine,
    PrizeSettings,
    Regulations,
    RoundSettings,
    UnitSettings,
)  # fmt: skip
from contest.rules.advancement import MOST, Plan
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.marking import Scoring, Way
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.question_terms import Difficulty
from contest.rules.refusals import Refusal
from contest.rules.result_terms import EdgeTie, Publication, Special
from contest.rules.steps import MOST_SECTIONS, QUESTION_SECONDS, Course, Section
from contest.rules.terms import Board, Counted, Criterion, Layout, LimitPer, Navigation, PredictionTarget, Reveal
from contest.rules.unit_terms import ComparedUnits, UnitCriterion
from contest.rules.units import Formula
from contest.rules.worth import Negative, Worth

MOST_BYTES = 256 * 1024
UNLIMITED, NO_PREDICTION, OVERALL, EACH = "unlimited", "none", "overall", "each"
_SLUG = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(-[a-z0-9]+)*")


class Broken(Exception):
    """What is wrong with a file, each by its line or key."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(*(r.slug for r in refusals))
        self.refusals = refusals


def read(data: bytes) -> Regulations:
    """Read a file; raises Broken naming everything that is wrong in it."""
    problems: list[Refusal] = []
    top = Table(_parsed(data), "", problems)
    common, given = top.table("round"), top.tables("rounds")
    if not given and not problems:
        top.refuse("settings-missing", "rounds")
    slug = top.take("slug", MISSING, lambda v: isinstance(v, str) and _SLUG.fullmatch(v) is not None, '"hoi-thi-2026"')
    values: dict[str, Any] = {"slug": slug, "title": top.text("title")}
    values["theme"] = top.text("theme", "", limit=1000, multiline=True)
    values["text"] = top.text("text", "", limit=50_000, multiline=True)
    values["publication"] = top.word("publication", Publication, Publication.PROVISIONAL)
    values["units"] = _units(top.sub("units"))
    own = []
    for number, said in enumerate(given, 1):
        together, shared = merged(common, said)
        own.append(_round(Table(together, f"rounds[{number}].", problems, shared), number))
    values["rounds"] = tuple(own)
    values["overall"] = _overall(top.sub("overall"), len(given)) if top.has("overall") else None
    titles = [str(said.get("title", "")) for said in given]
    values["prizes"] = tuple(p for table in top.subs("prizes", []) for p in _prizes(table, titles))
    values["later"] = tuple(_later(table) for table in top.subs("later", []))
    top.end()
    if problems:
        raise Broken(*problems)
    return Regulations(**values)


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise Broken(Refusal("settings-too-large", {"limit": MOST_BYTES // 1024}))
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Broken(Refusal("not-utf8", {"position": error.start + 1})) from None
    except (ValueError, RecursionError) as error:  # beside bad syntax: a figure of thousands of digits, endless nesting
        line = re.search(r"line (\d+)", str(error))
        raise Broken(Refusal("settings-broken", {"line": int(line[1]) if line else data.count(b"\n") + 1})) from None


def _units(own: Table) -> UnitSettings | None:
    criterion = own.word("criterion", UnitCriterion)
    points, least = own.amounts("prize_points"), own.amount("least_score", None)
    best = own.whole("best", 0, high=MOST)
    compared = own.word("compared", ComparedUnits, ComparedUnits.TAKING_PART)
    below = own.text("below", "", limit=40) or ""
    level = own.text("level", "", limit=100) or ""
    named = own.sub("divisions")
    divisions = {named.name(name, limit=60): _codes(named, name) for name in own.table("divisions")}
    own.end()
    if criterion is None or compared is None:
        return None
    formula = Formula(criterion, points, least or Formula(criterion).least_score, best or 0)
    return UnitSettings(formula, compared, below, level, divisions)


def _codes(own: Table, key: str) -> tuple[str, ...]:
    def holds(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(v, str) and 0 < len(v) <= 40 for v in value)

    return tuple(own.take(key, MISSING, holds, '["A", "B", …]') or ())


def _round(own: Table, number: int) -> Any:
    values = {
        "title": own.text("title", limit=120),
        "opens_at": own.moment("opens_at"),
        "closes_at": own.moment("closes_at"),
        "questions": _paper(own),
        "minutes": own.whole("minutes", high=600),
        "attempts": own.whole("attempts", word=UNLIMITED, high=1000),
        "attempts_per": own.word("attempts_per", LimitPer),
        "counted": own.word("counted", Counted),
        "prediction": own.word("prediction", PredictionTarget, none=NO_PREDICTION),
        "criteria": own.words("criteria", Criterion),
        "network_allowance": own.whole("network_allowance", 5, low=0, high=60),
        "freezes_at": own.moment("freezes_at", None),
    }
    unsaid: dict[str, Any] = {f.name: f.default for f in fields(RoundSettings)}
    flags = ("shuffle_questions", "shuffle_options", "names_public", "no_repeat", "least_used")
    values |= {n: own.flag(n, unsaid[n]) for n in flags}
    values["negative"] = own.word("negative", Negative, Negative.NONE)
    values["course"] = _course(own)
    shown = {"reveal": Reveal, "reveal_after_close": Reveal, "board": Board}
    values |= {name: own.word(name, kind, unsaid[name]) for name, kind in shown.items()}
    values["windows"] = own.windows(values["opens_at"], values["closes_at"])
    values["advance"] = _advance(own.sub("advance"), number) if own.has("advance") else None
    own.end()
    return RoundSettings(**values)


def _course(own: Table) -> Any:
    """Read how one goes through a paper; the round judges whether it contradicts itself."""
    sections = []
    for table in own.subs("sections", []):
        sections.append(Section(table.text("title", limit=120) or "", table.whole("minutes", None, high=600)))
        table.end()
    low, high = QUESTION_SECONDS
    values = {
        "navigation": own.word("navigation", Navigation, Navigation.FREE),
        "sections": tuple(sections),
        "question_seconds": own.whole("question_seconds", None, low=low, high=high),
        "least_minutes": own.whole("least_minutes", None, high=600),
        "layout": own.word("layout", Layout, Layout.CHOICE),
    }
    return Course(**values)


def _paper(own: Table) -> tuple[PaperLine, ...]:
    """Read how many questions there are, or of which topic and difficulty how many."""
    count = own.take(
        "questions",
        MISSING,
        lambda v: (type(v) is int and 0 < v < 1000) or (isinstance(v, list) and bool(v)),
        '20, [{ count = 20, topic = "…", difficulty = "…" }]',
    )
    if not isinstance(count, list):
        return (PaperLine(count),) if count else ()
    found = []
    for line in own.subs("questions"):
        topic, difficulty = line.text("topic", "", limit=600), line.word("difficulty", Difficulty, None)
        question = line.text("question", "", limit=60) or ""
        count = line.whole("count", 1 if question else MISSING, high=1 if question else 999)
        marked, section = line.flag("marked", False), line.whole("section", 0, high=MOST_SECTIONS)
        found.append(PaperLine(count, topic or "", difficulty, _worth(line), question, marked, section or 0))
        line.end()
    return tuple(found)


def _worth(line: Table) -> Worth:
    """Read what the questions of a line are worth; the round judges whether they can be."""
    points, way = line.amount("points", Decimal(1)), line.word("way", Way, Way.AS_KIND)
    ladder, penalty = line.fractions("ladder"), line.fraction("penalty", Fraction())
    return Worth(points or Decimal(), Scoring(way or Way.AS_KIND, ladder, penalty or Fraction()))


def _advance(own: Table, number: int) -> AdvanceSettings | None:
    source = own.whole("from", word=OVERALL, high=max(1, number - 1))
    by = own.word("by", AdvanceBy)
    count, reserve = own.whole("count", 0, high=MOST), own.whole("reserve", 0, low=0, high=MOST)
    least = own.amount("least_score", None)
    units = own.sub("quotas")
    quotas = {units.name(code, limit=40): units.whole(code, low=0, high=MOST) or 0 for code in own.table("quotas")}
    compared = own.flag("compared_units", True)
    own.end()
    if by is None:
        return None
    return AdvanceSettings(source, Plan(by, count or 0, least or Plan(by).least_score, quotas, reserve or 0), compared)


def _overall(own: Table, rounds: int) -> OverallSettings | None:
    way, criteria = own.word("way", OverallWay), own.words("criteria", OverallCriterion)
    best = own.whole("best", None, high=100)
    counted = own.wholes("rounds", list(range(1, rounds + 1)), rounds)
    own.end()
    return None if way is None else OverallSettings(Rule(way, criteria, best), counted)


def _prizes(own: Table, rounds: list[str]) -> Iterator[PrizeSettings]:
    """Read a list of prizes; one over each round is as many lists, called after their rounds."""
    title = own.text("title", limit=120)
    known = [*range(1, len(rounds) + 1), OVERALL, EACH]
    over = own.take(
        "over", MISSING, lambda v: type(v) in (int, str) and v in known, f'1 … {len(rounds)}, "{OVERALL}", "{EACH}"'
    )
    to = own.take("for", MISSING, lambda v: v in ("people", "units"), "people, units")
    edge, cap = own.word("edge", EdgeTie), own.amount("cap", None)
    lines = tuple(_line(line) for line in own.subs("lines"))
    own.end()
    numbers = [*range(1, len(rounds) + 1)] if over == EACH else [None if over == OVERALL else over]
    for number in numbers:
        name = f"{title}, {rounds[number - 1]}"[:120] if over == EACH and number else title
        yield PrizeSettings(name, number, to == "units", edge, cap, lines)


def _line(own: Table) -> PrizeLine:
    name, count = own.text("name", limit=120), own.whole("count")
    found = PrizeLine(name, count, own.word("special", Special, None), own.word("by", UnitCriterion, None))
    own.end()
    return found


def _later(own: Table) -> Later:
    found = Later(own.text("title"), own.text("note", limit=1000))
    own.end()
    return found
