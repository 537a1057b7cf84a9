"""Refusals about imports: slug → message id."""

from contest.rules.terms import mark

IMPORTS: dict[str, str] = {
}
