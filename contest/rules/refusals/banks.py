"""Refusals about banks: slug → message id."""

from contest.rules.terms import mark

BANKS: dict[str, str] = {
}
