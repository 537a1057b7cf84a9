"""What a given answer to one part earns: the best of the answers that it meets."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from contest.rules.question_terms import PartKind
from contest.rules.questions.bodies import Answer, Part
from contest.rules.questions.numbers import read_span
from contest.rules.questions.wording import matches


def met(part: Part, answers: Sequence[Answer], given: str | None) -> Answer | None:
    """Return the answer of the highest weight that what was given meets, the first of several; None for none."""
    if given is None:
        return None
    return max((a for a in answers if _meets(part, a, given)), key=lambda a: a.weight, default=None)


def best(part: Part, answers: Sequence[Answer], given: str | None) -> Fraction:
    """Return what a given answer to a part earns, from 0 to 1."""
    answer = met(part, answers, given)
    return Fraction(answer.weight) if answer is not None else Fraction()


def _meets(part: Part, answer: Answer, given: str) -> bool:
    match part.kind:
        case PartKind.NUMBER:
            span = read_span(answer.value)
            return span is not None and span.holds(Decimal(given.replace(",", ".")))
        case PartKind.TEXT:
            return matches(answer.value, given, with_case=part.with_case, with_accents=part.with_accents)
        case _:
            return answer.value == given
