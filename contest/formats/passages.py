"""Passages where a format has none: a tag tells that a text is one, and to which one a question belongs. Also their order."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from contest.formats.drafts import CODE_LIMIT, QuestionDraft
from contest.rules.question_terms import Kind
from contest.rules.questions import TOLD

_NAME = "đoạn dẫn"
_TOLD = re.compile(rf"{_NAME}(?:\s*:\s*(?P<code>\S.*))?", re.IGNORECASE)


def tags_of(draft: QuestionDraft) -> tuple[str, ...]:
    """Return the tags that a question goes out with: what tells of its passage, and its own but for those that would."""
    told = [_NAME] if draft.kind is Kind.PASSAGE else [f"{_NAME}: {draft.passage}"] if draft.passage else []
    return (*told, *(tag for tag in draft.tags if not _TOLD.fullmatch(tag)))


def has_telling_tags(draft: QuestionDraft) -> bool:
    """Say whether a question has a tag of its own that would be taken for what tells of a passage."""
    return any(_TOLD.fullmatch(tag) for tag in draft.tags)


def as_told(draft: QuestionDraft) -> QuestionDraft:
    """Return a question that came with tags as what the first of them that tells something says."""
    for tag in draft.tags:
        found = _TOLD.fullmatch(tag)
        others = tuple(other for other in draft.tags if other != tag)
        if found and not found["code"] and draft.kind is Kind.DESCRIPTION:
            return replace(draft, kind=Kind.PASSAGE, tags=others)
        if found and found["code"] and draft.kind not in TOLD and len(found["code"]) <= CODE_LIMIT:
            return replace(draft, passage=found["code"], tags=others)
    return draft


def together(drafts: Iterable[QuestionDraft]) -> Sequence[QuestionDraft]:
    """Return questions in their order, but those of a passage right behind it."""
    listed = list(drafts)
    behind: dict[str, list[QuestionDraft]] = {d.code: [] for d in listed if d.kind is Kind.PASSAGE and d.code}
    first: list[QuestionDraft] = []
    for draft in listed:
        behind.get(draft.passage or "", first).append(draft)
    return [each for draft in first for each in (draft, *behind.pop(draft.code or "", ()))]
