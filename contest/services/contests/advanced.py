"""Whether a person may take a round that only some may take: two columns beside what is asked of them anyway."""

from typing import Any

import sqlalchemy as sa

from contest.models.advancement import AdvancedPerson, Advancement
from contest.rules.advancement_terms import AdvancedState
from contest.rules.refusals import Refusal


def advanced_columns(round_id: Any, member: Any) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return whether a round is for those alone who advanced, and whether a person is confirmed to be one of them."""
    restricted = sa.exists().where(Advancement.round_id == round_id)
    inside = sa.exists().where(
        AdvancedPerson.round_id == round_id,
        AdvancedPerson.member_id == member,
        AdvancedPerson.state == AdvancedState.IN,
        Advancement.round_id == AdvancedPerson.round_id,
        Advancement.confirmed_at.is_not(None),
    )
    return restricted, inside


def is_confirmed(round_id: Any) -> sa.ColumnElement[bool]:
    """Return whether the list of a round is confirmed."""
    return sa.exists().where(Advancement.round_id == round_id, Advancement.confirmed_at.is_not(None))


def why_not(is_restricted: bool, has_advanced: bool) -> Refusal | None:
    """Return why somebody may not take a round, as far as advancing goes, or None."""
    return Refusal("not-advanced") if is_restricted and not has_advanced else None
