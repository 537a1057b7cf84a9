"""Scoring single responses against a bank's current versions: for importers and auditors who check the keys."""

import json
from decimal import Decimal
from typing import Any

from contest.errors import Invalid, NotFound
from contest.formats.drafts import QuestionDraft
from contest.rules.permissions import Actor
from contest.rules.questions import KINDS
from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.services.banks import browsing


class Scorer:
    """Scores responses given as option letters (A, B …), or as a list of them."""

    def __init__(self, bank_code: str, *, by: Actor) -> None:
        self._drafts = {d.code: d for d in browsing.versions_for_export(bank_code, by=by)}

    def score(self, line: str) -> dict[str, Any]:
        """Return the fraction a response earns, as an exact decimal string, and the feedback of what was chosen."""
        try:
            given = json.loads(line)
            code, response = given["question"], given.get("response")
            draft = self._drafts.get(code)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Invalid(Refusal("bad-response")) from None
        if draft is None:
            raise NotFound
        return {"question": code, **_score(draft, response)}


def _score(draft: QuestionDraft, response: object) -> dict[str, Any]:
    weights = {chr(65 + i): o.weight for i, o in enumerate(draft.options)}
    rules = KINDS[draft.kind]
    value = rules.parse(list(weights), response)
    if isinstance(value, Refusal):
        raise Invalid(value)
    fraction = rules.score(weights, value)
    chosen = [value] if isinstance(value, str) else list(value or ())
    said = [o.feedback for letter, o in zip(weights, draft.options, strict=True) if letter in chosen and o.feedback]
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return {"fraction": as_text(exact), "feedback": " ".join(said)}
