"""Scoring single responses against a bank's current versions: for importers and auditors who check the keys."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from itertools import count as counting
from typing import Any

from contest.errors import Invalid, NotFound
from contest.formats.composing import Composed, compose
from contest.formats.drafts import QuestionDraft
from contest.rules.marking import earned
from contest.rules.permissions import Actor
from contest.rules.questions import KINDS
from contest.rules.questions.bodies import Value
from contest.rules.questions.meeting import met
from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.services.banks import browsing


class Scorer:
    """Scores responses given as option letters (A, B …), as a list of them, or by part: {"1": …, "2": …}."""

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
    composed = compose(draft, _letters(len(draft.options)))
    value = KINDS[draft.kind].parse(composed.body, _named(composed, response))
    if isinstance(value, Refusal):
        raise Invalid(value)
    fraction = earned(draft.kind, composed.body, composed.key, value)
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return {"fraction": as_text(exact), "feedback": " ".join(_said(composed, value))}


def _letters(count: int) -> Callable[[], str]:
    """Return a source of ids: letters for the options, then what nobody writes."""
    names = chain((chr(65 + i) for i in range(count)), (f"#{i}" for i in counting()))
    return lambda: next(names)


def _named(composed: Composed, response: object) -> object:
    """Return a response by part, {"1": …}, under the ids of the parts, with the letters of their own options."""
    if not isinstance(response, Mapping) or not composed.body.parts:
        return response
    parts = {str(n): part for n, part in enumerate(composed.body.parts, 1)}
    found: dict[str, object] = {}
    for number, given in response.items():
        part = parts.get(str(number))
        own = {chr(65 + i): option for i, (option, _) in enumerate(part.options)} if part else {}
        found[part.id if part else str(number)] = own.get(given, given) if isinstance(given, str) else given
    return found


def _said(composed: Composed, value: Value) -> Iterator[str]:
    """Yield the feedback of what was chosen or met, in the order of options and parts."""
    chosen = {value} if isinstance(value, str) else set(value or ())
    yield from (said for option, said in composed.feedback.items() if option in chosen)
    given = value if isinstance(value, Mapping) else {}
    for part in composed.body.parts:
        answer = met(part, composed.key.answers.get(part.id, ()), given.get(part.id))
        if answer is not None and answer.feedback:
            yield answer.feedback
