"""What a rule of scoring is worth in our weights, exactly or not at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from contest.formats.drafts import OptionDraft
from contest.formats.qti.declared import Declared, number
from contest.formats.qti.processing import Rule, Way
from contest.formats.taking import NotTaken
from contest.rules.questions.choices import even_weights
from contest.rules.questions.numbers import plain
from contest.rules.questions.wording import folded
from contest.rules.refusals import Refusal
from contest.rules.response_processing import ValueMap, map_response

_FINEST = Decimal("0.0000001")
_NEAR = Decimal("0.0001")  # files write a third as 0.3333333
NONE, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Worth:
    """Weights in the order asked for, and how many points of the item the whole of them are."""

    weights: tuple[Decimal, ...]
    full: Decimal


def of_one(told: Declared, rule: Rule, ids: Sequence[str]) -> Worth:
    """Return what each of several choices is worth of which one is taken."""
    if rule.way is Way.MATCH:
        right = _right(told)
        return Worth(tuple(Decimal(i == right) for i in ids), _points(rule))
    mapping = _mapping(told, rule)
    # What is below nought earns nought here, so it may stay as it was written where the file says the same.
    values = [mapping.value(i) if mapping.lower == 0 else map_response(mapping, (i,)) for i in ids]
    if mapping.upper is not None:
        values = [min(value, mapping.upper) for value in values]
    if mapping.lower != 0 and min(values, default=NONE) < 0:
        raise NotTaken(Refusal("qti-below-nought"))
    return _shares(values, max(values, default=NONE))


def of_several(told: Declared, rule: Rule, ids: Sequence[str]) -> Worth:
    """Return what each of several choices is worth that are taken together."""
    if rule.way is Way.MATCH:
        if not set(told.correct) <= set(ids):
            raise NotTaken(Refusal("key-of-no-option", field="options"))
        right = [i in told.correct for i in ids]
        shares = iter(even_weights(sum(right)) if any(right) else ())
        return Worth(tuple(next(shares) if is_right else NONE for is_right in right), _points(rule))
    mapping = _mapping(told, rule)
    values = [mapping.value(i) for i in ids]
    whole = sum((value for value in values if value > 0), NONE)
    _hold_to_bounds(mapping, whole, has_negative=min(values, default=NONE) < 0)
    alike = [value for value in values if value > 0]
    if len(set(alike)) == 1 and alike[0] != even_weights(len(alike))[-1]:
        shares = iter(even_weights(len(alike)))
        return Worth(tuple(next(shares) if v > 0 else max(_share(v, whole), -ONE) for v in values), whole)
    if abs(whole - 1) <= _NEAR:
        return Worth(tuple(max(value, -ONE) for value in values), ONE)
    return Worth(tuple(max(_share(value, whole), -ONE) for value in values), whole)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is put with what, each with its weight, by the first of the two; `is_whole`: all of it or nothing."""

    answers: dict[str, list[tuple[str, Decimal]]]
    full: Decimal
    is_whole: bool = False


def of_pairs(told: Declared, rule: Rule, firsts: Sequence[str], *, turned: bool = False) -> Pairs:
    """Return what is right for each of `firsts`; `turned` where the pairs name it second."""
    answers: dict[str, list[tuple[str, Decimal]]] = {first: [] for first in firsts}

    def pair(written: str) -> tuple[str, str]:
        one, _, other = written.partition(" ")
        return (other, one) if turned else (one, other)

    if rule.way is Way.MATCH:
        for first, second in map(pair, told.correct):
            answers.setdefault(first, []).append((second, ONE))
        return Pairs(answers, _points(rule), is_whole=len(firsts) > 1)
    mapping = _mapping(told, rule)
    if mapping.default != 0 or any(entry.value < 0 for entry in mapping.entries):
        raise NotTaken(Refusal("qti-mapping"))
    for entry in mapping.entries:
        first, second = pair(entry.key)
        answers.setdefault(first, []).append((second, entry.value))
    best = [max((value for _, value in found), default=NONE) for found in answers.values()]
    if len(set(best)) != 1 or best[0] <= 0:
        raise NotTaken(Refusal("qti-uneven"))
    _hold_to_bounds(mapping, sum(best, NONE), has_negative=False)
    weighed = {f: [(s, _share(v, best[0])) for s, v in found if v > 0] for f, found in answers.items()}
    return Pairs(weighed, sum(best, NONE))


def of_words(told: Declared, rule: Rule) -> tuple[tuple[OptionDraft, ...], bool, Decimal]:
    """Return the words that earn something, whether capitals matter, and the points of the best."""
    if rule.way is Way.MATCH:
        return (OptionDraft(_as_they_are(_right(told)), ONE),), True, _points(rule)
    mapping = _mapping(told, rule)
    cases = {entry.with_case for entry in mapping.entries if entry.key.lower() != entry.key.upper()}
    if len(cases) > 1:
        raise NotTaken(Refusal("qti-mixed-case"))
    worth, with_case = _of_entries(mapping), True in cases
    found = (OptionDraft(_as_they_are(e.key), w) for e, w in zip(mapping.entries, worth.weights, strict=True))
    return _first_of_each(found, partial(folded, with_case=with_case, with_accents=True)), with_case, worth.full


def of_number(told: Declared, rule: Rule) -> tuple[tuple[OptionDraft, ...], Decimal]:
    """Return the numbers that earn something, and the points of the best."""
    if rule.way is Way.MATCH:
        return (OptionDraft(_canonical(_right(told)), ONE),), _points(rule)
    if rule.way is Way.SPANS:
        worth = _shares([points for _, points in rule.spans], max(points for _, points in rule.spans))
        spans = [span for span, _ in rule.spans]
    else:
        mapping = _mapping(told, rule)
        worth, spans = _of_entries(mapping), [_canonical(entry.key) for entry in mapping.entries]
    return _first_of_each(map(OptionDraft, spans, worth.weights), str), worth.full


def _of_entries(mapping: ValueMap) -> Worth:
    """Return what each entry is worth where one value is given; what no entry holds must earn nothing."""
    if mapping.default > 0 or mapping.bounded(mapping.default) > 0:
        raise NotTaken(Refusal("qti-mapping"))
    values = [mapping.bounded(entry.value) for entry in mapping.entries]
    if mapping.bounded(mapping.default) < 0 or min(values, default=NONE) < 0:
        raise NotTaken(Refusal("qti-below-nought"))
    return _shares(values, max(values, default=NONE))


def _hold_to_bounds(mapping: ValueMap, whole: Decimal, *, has_negative: bool) -> None:
    """Raise NotTaken where the bounds say another thing than from nought to the whole."""
    if whole <= 0:
        raise NotTaken(Refusal("no-right"))
    if mapping.upper is not None and abs(mapping.upper - whole) > _NEAR * whole:
        raise NotTaken(Refusal("qti-bounds"))
    if mapping.lower is not None and mapping.lower > 0:
        raise NotTaken(Refusal("qti-bounds"))
    if has_negative and mapping.lower != 0:
        raise NotTaken(Refusal("qti-below-nought"))


def _mapping(told: Declared, rule: Rule) -> ValueMap:
    if told.mapping is None or rule.way is not Way.MAP:
        raise NotTaken(Refusal("qti-mapping"))
    return told.mapping


def _points(rule: Rule) -> Decimal:
    if rule.points <= 0:
        raise NotTaken(Refusal("no-right"))
    return rule.points


def _shares(values: Sequence[Decimal], full: Decimal) -> Worth:
    if full <= 0:
        raise NotTaken(Refusal("no-right"))
    return Worth(tuple(max(_share(value, full), -ONE) for value in values), full)


def _share(value: Decimal, full: Decimal) -> Decimal:
    """Return a share as fine as files carry it; one that needs no rounding stays as it is."""
    share = value / full
    return share if share * full == value and share == share.quantize(_FINEST) else share.quantize(_FINEST)


def _right(told: Declared) -> str:
    """Return the only value that is right."""
    if len(told.correct) != 1:
        raise NotTaken(Refusal("one-right", {"count": len(told.correct)}) if told.correct else Refusal("no-right"))
    return told.correct[0]


def _first_of_each(answers: Iterable[OptionDraft], form: Callable[[str], str]) -> tuple[OptionDraft, ...]:
    """Return answers without those that never count, since one before them holds the same and is worth another share."""
    kept: list[OptionDraft] = []
    first: dict[str, Decimal] = {}
    for answer in answers:
        if first.setdefault(form(answer.text), answer.weight) == answer.weight:
            kept.append(answer)
    return tuple(kept)


def _as_they_are(words: str) -> str:
    """Return words as a pattern that only they meet."""
    return words.replace("*", r"\*")


def _canonical(written: str) -> str:
    return plain(number(written))
