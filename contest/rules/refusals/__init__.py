"""What a rule answers when it says no: a stable slug, parameters, and the field where there is one.

The texts are message ids in Vietnamese, one table a subject; `i18n` renders them. Two placeholders are always
there: `%(address)s` and `%(Address)s`, the organisation's form of address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contest.rules.refusals.accounts import ACCOUNTS
from contest.rules.refusals.banks import BANKS
from contest.rules.refusals.contests import CONTESTS
from contest.rules.refusals.entrants import ENTRANTS
from contest.rules.refusals.general import GENERAL
from contest.rules.refusals.imports import IMPORTS
from contest.rules.refusals.overall import OVERALL
from contest.rules.refusals.qti import QTI
from contest.rules.refusals.taking import TAKING
from contest.rules.refusals.units import UNITS
from contest.rules.refusals.word import WORD

TEXTS: Mapping[str, str] = MappingProxyType(
    {**GENERAL, **ACCOUNTS, **BANKS, **CONTESTS, **ENTRANTS, **IMPORTS, **OVERALL, **QTI, **TAKING, **UNITS, **WORD}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no with its reason; `slug` is stable and names a text in TEXTS, `field` the input it concerns."""

    slug: str
    params: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None

    def __hash__(self) -> int:
        return hash((self.slug, self.field))
