"""The demonstration's people: a seeded crowd over the tree of units, as an organiser's list would bring them in."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

from contest.formats.drafts import MemberDraft, Reading, UnitDraft
from contest.formats.tables import read_units
from contest.rules.terms import Role
from contest.services.demo.names import full_name

FOLDER = Path(__file__).parent

# Accounts of roles: code, name, role, and the unit to which it is confined.
ACCOUNTS = (
    ("quantri", "Trần Thị Kim Oanh", Role.ADMINISTRATOR, None),
    ("bantochuc", "Trần Quốc Bảo", Role.ORGANISER, None),
    ("donvi", "Nguyễn Thị Minh Hạnh", Role.ORGANISER, "CDVC-QNI"),
    ("soancauhoi", "Phạm Thu Trang", Role.AUTHOR, None),
    ("duyetcauhoi", "Vũ Thu Hà", Role.REVIEWER, None),
    ("giamkhao", "Lê Thị Thanh Mai", Role.JUDGE, None),
    ("kiemtra", "Hoàng Văn Phúc", Role.AUDITOR, None),
)
ROOT = "CDVC"
PREFIXES = ("032", "033", "035", "036", "038", "039", "070", "076", "083", "085", "086", "088", "090", "091", "093", "094",
            "096", "097", "098")  # fmt: skip


def units() -> Reading[UnitDraft]:
    """Return the tree of units."""
    return read_units((FOLDER / "units.csv").read_bytes())


def members(count: int, tree: Reading[UnitDraft], rng: Random) -> Reading[MemberDraft]:
    """Return the accounts of roles and `count` people, spread over the units by headcount: m000001, m000002, …"""
    leaves = _weights(tree)
    codes, weights = list(leaves), list(leaves.values())
    drafts = [MemberDraft(code, name, None, None, None, None, ROOT) for code, name, _, _ in ACCOUNTS]
    for number, unit in enumerate(rng.choices(codes, weights, k=count), 1):
        born = _birth_date(rng)
        name = full_name(rng, born.year, rng.random() < 0.54)
        phone = f"{rng.choice(PREFIXES)}{rng.randrange(10**7):07d}" if rng.random() < 0.9 else None
        drafts.append(MemberDraft(f"m{number:06d}", name, born, phone, None, None, unit))
    return Reading(tuple(drafts), ())


def _weights(tree: Reading[UnitDraft]) -> dict[str, int]:
    """Return how many people each unit has of its own: its headcount without those of the units below it."""
    own = {u.code: u.headcount or 8 for u in tree.drafts}
    for unit in tree.drafts:
        if unit.parent in own:
            own[unit.parent] -= unit.headcount or 8
    own.pop(ROOT, None)
    return {code: n for code, n in own.items() if n > 0}


def _birth_date(rng: Random) -> date:
    """People in office: from 22 to 60, most between 30 and 50."""
    age = min(60.0, max(22.0, rng.gauss(40, 8.5)))
    return date(2026, 6, 30) - timedelta(days=int(age * 365.25))
