"""Refusals about accounts: slug → message id."""

from contest.rules.terms import mark

ACCOUNTS: dict[str, str] = {
}
