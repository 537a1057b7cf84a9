"""Who a row of an imported list is: someone known, someone new, or a problem to be settled by a person.

People are never merged by name. A member code or an identity number names one person. Without either, a phone or an
e-mail does so only when it belongs to no second person, in the file or among those known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contest.rules.refusals import Refusal
from contest.rules.text import canonical

LONGEST_CODE = 40  # characters of a member code


@dataclass(frozen=True, slots=True)
class Identity:
    """What a row, or a person known, is recognised by; every value in canonical form. `name` is diacritic-free."""

    name: str
    code: str | None = None
    identity_number: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(slots=True)
class Known:
    """The people known, by id, with an index for each thing they are recognised by."""

    people: dict[int, Identity] = field(default_factory=dict)
    by_code: dict[str, int] = field(default_factory=dict)
    by_identity_number: dict[str, int] = field(default_factory=dict)
    by_contact: dict[str, set[int]] = field(default_factory=dict)

    def add(self, member_id: int, who: Identity) -> None:
        self.people[member_id] = who
        if who.code:
            self.by_code[who.code] = member_id
        if who.identity_number:
            self.by_identity_number[who.identity_number] = member_id
        for contact in (who.phone, who.email):
            if contact:
                self.by_contact.setdefault(contact, set()).add(member_id)


@dataclass(frozen=True, slots=True)
class Match:
    """The person a row means: `member_id` of someone known, or None for someone new; or the refusal."""

    member_id: int | None = None
    refusal: Refusal | None = None


def check_code(code: str) -> Refusal | None:
    """Refuse a member code whose key would not fit; some single letters stand for many."""
    return Refusal("too-long", {"limit": LONGEST_CODE}, "code") if len(canonical(code)) > LONGEST_CODE else None


def check_birth(born: date | None, today: date) -> Refusal | None:
    """Refuse somebody not born yet: two figures of the year have been read as another century, or the day is wrong."""
    return Refusal("born-later", field="birth_date") if born is not None and born > today else None


def recognise(rows: Sequence[Identity], known: Known) -> tuple[Match, ...]:
    """Return for each row whom it means; no two rows mean the same person."""
    contacts = Counter(c for row in rows for c in {row.phone, row.email} if c)
    codes, numbers = (_repeated(r.code for r in rows), _repeated(r.identity_number for r in rows))
    taken: set[int] = set()
    matches = []
    for row in rows:
        match = _refuse_repeated(row, codes, numbers) or _match(row, known, contacts)
        if match.member_id in taken:
            match = Match(refusal=Refusal("person-twice"))
        if match.member_id is not None:
            taken.add(match.member_id)
        matches.append(match)
    return tuple(matches)


def _repeated(values: Iterable[str | None]) -> frozenset[str]:
    return frozenset(v for v, n in Counter(v for v in values if v).items() if n > 1)


def _refuse_repeated(row: Identity, codes: frozenset[str], numbers: frozenset[str]) -> Match | None:
    if row.code in codes:
        return Match(refusal=Refusal("code-twice-in-file", {"value": row.code}, "code"))
    if row.identity_number in numbers:
        return Match(refusal=Refusal("identity-twice-in-file", field="identity_number"))
    return None


def _match(row: Identity, known: Known, contacts: Mapping[str, int]) -> Match:
    owner = known.by_identity_number.get(row.identity_number or "")
    if row.code:
        member_id = known.by_code.get(row.code)
        if owner is not None and owner != member_id:
            return Match(refusal=Refusal("identity-of-another", field="identity_number"))
        return Match(member_id)
    if row.identity_number:
        return Match(owner)
    return _match_contact(row, known, contacts)


def _match_contact(row: Identity, known: Known, contacts: Mapping[str, int]) -> Match:
    own = [(f, c) for f, c in (("phone", row.phone), ("email", row.email)) if c and contacts[c] == 1]
    if not own:
        shared = row.phone or row.email
        slug = "contact-shared-in-file" if shared else "no-identifier"
        return Match(refusal=Refusal(slug, {"value": shared} if shared else {}, "phone" if row.phone else "code"))
    found: set[int] = set()
    free = 0
    for _, contact in own:
        owners = known.by_contact.get(contact, set())
        if not owners:
            free += 1
        elif len(owners) == 1 and known.people[next(iter(owners))].name == row.name:
            found |= owners
    if len(found) > 1:
        return Match(refusal=Refusal("contacts-of-two-people", field="phone"))
    if found:
        return Match(found.pop())
    if free:
        return Match()
    name, contact = own[0]
    return Match(refusal=Refusal("contact-of-another", {"value": contact}, name))
