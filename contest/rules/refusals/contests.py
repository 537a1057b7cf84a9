"""Refusals about contests: slug → message id."""

from contest.rules.terms import mark

CONTESTS: dict[str, str] = {
}
