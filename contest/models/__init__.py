"""Tables and relationships. Imported whole, so that the metadata is complete."""

from contest.models import (
    advancement,
    attempts,
    audit,
    awards,
    banks,
    contests,
    entrants,
    files,
    jobs,
    keys,
    members,
    messages,
    organisation,
    overall,
    results,
    uses,
)

__all__ = [
    "advancement",
    "attempts",
    "audit",
    "awards",
    "banks",
    "contests",
    "entrants",
    "files",
    "jobs",
    "keys",
    "members",
    "messages",
    "organisation",
    "overall",
    "results",
    "uses",
]
