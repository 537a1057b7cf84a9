"""Refusals about taking: slug → message id."""

from contest.rules.terms import mark

TAKING: dict[str, str] = {
}
