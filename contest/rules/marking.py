"""What a response earns of a question's mark, by the way the slot of the paper asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from contest.rules.question_terms import Kind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE, TOLD
from contest.rules.questions.bodies import Body, Key, Value
from contest.rules.questions.choices import NOUGHT, WHOLE, clamped


class Way(StrEnum):
    """How the parts of a question that are right make up its mark."""

    AS_KIND = "as_kind"  # several right options all or nothing, everything else by what is right
    ALL_OR_NOTHING = "all_or_nothing"
    BY_SHARE = "by_share"
    LADDER = "ladder"


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a slot is scored: `ladder` gives the fraction for one, two … wholly right parts; a wrong response costs `penalty`."""

    way: Way = Way.AS_KIND
    ladder: tuple[Fraction, ...] = ()
    penalty: Fraction = Fraction(0)


PLAIN = Scoring()


def earned(kind: Kind, body: Body, key: Key, value: Value, scoring: Scoring = PLAIN) -> Fraction:
    """Return the fraction of the mark that a response earns, from -penalty to 1; nought for what people mark or only read.

    No response never costs anything. A ladder holds for questions with as many parts as it has steps; any other
    question, which a ladder cannot be meant for, is scored by share.
    """
    if value is None or kind in MARKED_BY_PEOPLE | TOLD:
        return NOUGHT
    rules = KINDS[kind]
    way = scoring.way
    if way is Way.AS_KIND:
        way = Way.BY_SHARE if rules.SHARES else Way.ALL_OR_NOTHING
    if way is Way.ALL_OR_NOTHING:
        fraction = WHOLE if rules.is_correct(body, key, value) else NOUGHT
    else:
        marks = rules.marks(body, key, value)
        is_ladder = way is Way.LADDER and len(scoring.ladder) == len(marks) > 1
        fraction = _climbed(marks, scoring.ladder) if is_ladder else clamped(_mean(marks))
    return fraction if fraction.numerator else -scoring.penalty


def _mean(marks: Sequence[Fraction]) -> Fraction:
    return marks[0] if len(marks) == 1 else sum(marks, NOUGHT) / len(marks)


def _climbed(marks: Sequence[Fraction], ladder: Sequence[Fraction]) -> Fraction:
    right = sum(mark == 1 for mark in marks)
    return ladder[right - 1] if right else Fraction()
