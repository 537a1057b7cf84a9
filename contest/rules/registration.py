"""Registration: what a contest asks of people, what an identity number is, and when an entry code holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contest.rules.entry_terms import RegistrationField, RegistrationWay
from contest.rules.refusals import Refusal
from contest.rules.text import fold

SHOWN_DIGITS = 4  # of an identity number, at its end
_NUMBER = re.compile(r"[0-9]{12}")
_APART = re.compile(r"[\s.-]")
# The three-figure codes of provinces and cities on identity cards (Circular 59/2021/TT-BCA, appendix 1).
PROVINCES = frozenset(
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 "
    "045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 "
    "092 093 094 095 096".split()
)
_FIRST_CENTURY = 20  # figures 0 and 1 stand for those born in the twentieth century, men and women; and so on by twos


@dataclass(frozen=True, slots=True)
class Asked:
    """What a contest asks: the fields in their order, and those of them that nobody may leave out."""

    way: RegistrationWay
    fields: tuple[RegistrationField, ...] = ()
    required: frozenset[RegistrationField] = frozenset()


def check_identity_number(text: str, born: date | None = None) -> str | Refusal:
    """Return the twelve figures of an identity number, leading zeros kept, or why they cannot be one.

    The first three name a province, the fourth century and sex, the next two the year of birth, which agrees with `born`.
    """
    number = _APART.sub("", text)
    if not _NUMBER.fullmatch(number):
        return Refusal("bad-identity-number", field="identity_number")
    if number[:3] not in PROVINCES or int(number[3]) // 2 > 1:
        return Refusal("identity-number-unreal", field="identity_number")
    if born is not None and born.year != birth_year(number):
        return Refusal("identity-birth-differs", field="identity_number")
    return number


def birth_year(number: str) -> int:
    """Return the year of birth that an identity number holds."""
    century = _FIRST_CENTURY - 1 + int(number[3]) // 2
    return century * 100 + int(number[4:6])


def masked(number: str | None) -> str:
    """Return an identity number as those see it who do not look after the person: its last four figures."""
    return f"{'•' * 7}{number[-SHOWN_DIGITS:]}" if number else ""


def check_full_name(name: str) -> Refusal | None:
    """Refuse a name of one word: people register by family and given name."""
    return Refusal("name-one-word", field="full_name") if len(fold(name).split()) < 2 else None


def missing(
    asked: Asked, given: Mapping[RegistrationField, object], known: Sequence[RegistrationField] = ()
) -> list[Refusal]:
    """Return a refusal for each required field that is neither given nor known already."""
    return [
        Refusal("required", field=name.value)
        for name in asked.fields
        if name in asked.required and not given.get(name) and name not in known
    ]


def code_holds(at: datetime, valid_from: datetime, valid_until: datetime | None, replaced_at: datetime | None) -> bool:
    """Say whether an entry code lets people in at an instant: from its beginning on, until its end or its renewal."""
    return valid_from <= at and (valid_until is None or at < valid_until) and replaced_at is None


def names_newcomers(way: RegistrationWay) -> bool:
    """Say whether somebody who is in no list yet may register."""
    return way is not RegistrationWay.MEMBERS
