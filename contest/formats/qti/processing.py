"""How an item is scored: the standard templates, by name or written out, one rule a response; anything else is none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from contest.formats.qti.declared import number
from contest.formats.qti.document import Element
from contest.formats.taking import NotTaken
from contest.rules.questions.numbers import plain

SCORE = "SCORE"
_TEMPLATED = "RESPONSE"  # the one response that the templates speak of


class Way(StrEnum):
    """What earns a response its points."""

    MATCH = "match_correct"
    MAP = "map_response"
    SPANS = "spans"  # of numbers, the first that holds counts


@dataclass(frozen=True, slots=True)
class Rule:
    """How a response is scored: `points` for matching, or spans as `12.5`, `12.5:0.1`, `10..12` with theirs."""

    way: Way
    points: Decimal = Decimal(1)
    spans: tuple[tuple[str, Decimal], ...] = ()


Rules = Mapping[str, Rule]


class NotKnown(Exception):
    """A way of scoring that is not one of those known exactly."""


def rules_of(item: Element) -> Rules | None:
    """Return the rule of each response that is scored; None where the item has no response processing.

    Raises NotKnown. What only chooses feedback, and not the score, is passed over.
    """
    told = item.find("responseProcessing")
    if told is None:
        return None
    template = told.get("template") or told.get("templateLocation")
    if len(told) == 0:
        return _templated(template) if template else None
    found: dict[str, Rule] = {}
    scoring = [rule for rule in told if _scores(rule)]
    for rule in scoring:
        is_alone = len(scoring) == 1
        for response, known in _known(rule, is_alone=is_alone, is_first=not found):
            if response in found:
                raise NotKnown
            found[response] = known
    return found


def _templated(template: str) -> Rules:
    name = template.rstrip("/").rpartition("/")[2].removesuffix(".xml").lower()
    if name not in {Way.MATCH, Way.MAP}:
        raise NotKnown
    return {_TEMPLATED: Rule(Way(name))}


def _scores(rule: Element) -> bool:
    """Say whether a rule sets the score; one of a kind that is not known may."""
    if rule.tag == "setOutcomeValue":
        return bool(rule.get("identifier") == SCORE)
    if rule.tag != "responseCondition":
        return True
    return any(e.tag != "setOutcomeValue" or e.get("identifier") == SCORE for branch in rule for e in _actions(branch))


def _actions(branch: Element) -> Sequence[Element]:
    """Return what a branch does; what stands before is the condition, but in an `else`."""
    return list(branch) if branch.tag == "responseElse" else list(branch)[1:]


def _known(rule: Element, *, is_alone: bool, is_first: bool) -> Iterator[tuple[str, Rule]]:
    if rule.tag == "setOutcomeValue":
        yield from _sum(rule, is_first=is_first)
    elif rule.tag == "responseCondition":
        yield _condition(rule, is_alone=is_alone)
    else:
        raise NotKnown


def _sum(rule: Element, *, is_first: bool) -> Iterator[tuple[str, Rule]]:
    """Read `SCORE = map R`, or the sum of several with what the score is so far."""
    (value,) = _exactly(rule, 1)
    terms = list(value) if value.tag == "sum" else [value]
    adds = any(_is_variable(term, SCORE) for term in terms)
    if not adds and not is_first:
        raise NotKnown  # it would undo what was earned before
    for term in terms:
        if term.tag == "mapResponse":
            yield term.get("identifier", ""), Rule(Way.MAP)
        elif not _is_variable(term, SCORE):
            raise NotKnown


def _condition(rule: Element, *, is_alone: bool) -> tuple[str, Rule]:
    first, *others = rule
    if first.tag != "responseIf" or len(first) < 2:
        raise NotKnown
    if first[0].tag == "isNull":
        return _map_unless_null(first, others, is_alone=is_alone)
    met: list[tuple[str, str, Decimal]] = []
    for branch in rule:
        earned = _earned(branch, is_alone=is_alone)
        if branch.tag == "responseElse":
            if earned != 0 or branch is not rule[-1]:
                raise NotKnown
        elif branch.tag in {"responseIf", "responseElseIf"} and len(branch) >= 2 and earned is not None:
            met.append((*_test(branch[0]), earned))
        else:
            raise NotKnown
    response = met[0][0]
    if any(name != response for name, _, _ in met):
        raise NotKnown
    if len(met) == 1 and not met[0][1]:
        return response, Rule(Way.MATCH, met[0][2])
    if not all(span for _, span, _ in met) or [e for *_, e in met] != sorted((e for *_, e in met), reverse=True):
        raise NotKnown
    return response, Rule(Way.SPANS, spans=tuple((span, earned) for _, span, earned in met))


def _map_unless_null(first: Element, others: Sequence[Element], *, is_alone: bool) -> tuple[str, Rule]:
    """Read `if R is null then 0 else map R`, which is what the template of that name says."""
    (variable,) = _exactly(first[0], 1)
    scored = [a for branch in others for a in _actions(branch) if _is_score(a)]
    if not is_alone or len(others) != 1 or others[0].tag != "responseElse" or len(scored) != 1:
        raise NotKnown
    (mapped,) = _exactly(scored[0], 1)
    response = mapped.get("identifier", "")
    if _earned(first, is_alone=True) != 0 or mapped.tag != "mapResponse" or not _is_variable(variable, response):
        raise NotKnown
    return response, Rule(Way.MAP)


def _earned(branch: Element, *, is_alone: bool) -> Decimal | None:
    """Return what a branch sets the score to, or adds to it; None where it leaves it."""
    scored = [action for action in _actions(branch) if _is_score(action)]
    if not scored:
        return Decimal(0) if branch.tag == "responseElse" else None
    if len(scored) > 1:
        raise NotKnown
    (value,) = _exactly(scored[0], 1)
    if value.tag == "sum" and len(value) == 2:
        so_far, value = sorted(value, key=lambda term: term.tag != "variable")
        if not _is_variable(so_far, SCORE):
            raise NotKnown
    elif not is_alone:
        raise NotKnown  # it would undo what was earned before
    return _base_value(value)


def _is_score(action: Element) -> bool:
    if action.tag != "setOutcomeValue":
        raise NotKnown
    return bool(action.get("identifier") == SCORE)


def _test(test: Element) -> tuple[str, str]:
    """Return which response a condition looks at, and the span of numbers that it must lie in; none where it must match."""
    if test.tag == "and":
        low, high = _exactly(test, 2)
        if (low.tag, high.tag) != ("gte", "lte"):
            raise NotKnown
        (response, least), (same, most) = _compared(low), _compared(high)
        if response != same:
            raise NotKnown
        return response, f"{plain(_base_value(least))}..{plain(_base_value(most))}"
    if test.tag == "match":
        response, other = _compared(test)
        if other.tag == "correct" and other.get("identifier") == response:
            return response, ""
        raise NotKnown
    if test.tag != "equal":
        raise NotKnown
    response, other = _compared(test)
    return response, plain(_base_value(other)) + _tolerance(test)


def _tolerance(test: Element) -> str:
    mode = test.get("toleranceMode", "exact")
    if mode == "exact":
        return ""
    widths = [number(width) for width in test.get("tolerance", "").split()]
    bounds = {test.get(name, "true") for name in ("includeLowerBound", "includeUpperBound")}
    if mode != "absolute" or len(set(widths)) != 1 or len(widths) > 2 or bounds != {"true"}:
        raise NotKnown
    return f":{plain(widths[0])}"


def _compared(test: Element) -> tuple[str, Element]:
    """Return the response that is compared, and what it is compared with."""
    one, other = _exactly(test, 2)
    if one.tag != "variable" and test.tag in {"match", "equal"}:
        one, other = other, one
    if one.tag != "variable":
        raise NotKnown
    return one.get("identifier", ""), other


def _base_value(value: Element) -> Decimal:
    if value.tag != "baseValue":
        raise NotKnown
    try:
        return number(value.text)
    except NotTaken:
        raise NotKnown from None


def _is_variable(element: Element, name: str) -> bool:
    return bool(element.tag == "variable" and element.get("identifier") == name)


def _exactly(element: Element, count: int) -> Sequence[Element]:
    if len(element) != count:
        raise NotKnown
    return list(element)
