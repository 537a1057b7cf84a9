"""Questions answered part by part: sets of statements, matching, numbers, short texts, and gaps in a text."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from contest.rules.question_terms import PartKind
from contest.rules.questions.bodies import Body, Key, Part, Value
from contest.rules.questions.choices import MOST_OPTIONS, folded, options_given, text_given
from contest.rules.questions.gaps import misplaced
from contest.rules.questions.meeting import best
from contest.rules.questions.numbers import plain, read_number, read_span
from contest.rules.refusals import Refusal

TRUE, FALSE = "true", "false"  # what a statement is answered with
TEXT_LIMIT = 500  # letters of a short answer


def part_field(number: int) -> str:
    """Return the name of the field that holds the part with a number, from 1."""
    return f"part-{number}"


@dataclass(frozen=True, slots=True)
class InParts:
    """The rules of a kind: which parts it may have, how many, and whether they stand as gaps in the text."""

    kinds: Collection[PartKind]
    least: int = 1
    most: int = MOST_OPTIONS
    has_gaps: bool = False
    SHARES = True

    def well_formed(self, body: Body, key: Key) -> tuple[Refusal, ...]:
        """Return what is wrong with the question; nothing means that it may be asked."""
        return (*text_given(body), *self._parts(body, key))

    def _parts(self, body: Body, key: Key) -> Iterator[Refusal]:
        if not self.least <= len(body.parts) <= self.most:
            yield Refusal("parts-count", {"low": self.least, "high": self.most}, "parts")
        if self.has_gaps:
            yield from misplaced(body.text, len(body.parts))
        if PartKind.STEM in self.kinds:
            yield from options_given(body.options)
        elif body.options:
            yield Refusal("options-of-no-use", field="options")
        seen: dict[str, int] = {}
        for number, part in enumerate(body.parts, start=1):
            yield from self._part(number, part, body, key, seen)
        if not key.answers.keys() <= {part.id for part in body.parts}:
            yield Refusal("key-of-no-option", field="parts")

    def _part(self, number: int, part: Part, body: Body, key: Key, seen: dict[str, int]) -> Iterator[Refusal]:
        here = part_field(number)
        if part.kind not in self.kinds:
            yield Refusal("bad-part", field=here)
            return
        if part.kind in {PartKind.STATEMENT, PartKind.STEM}:
            words = folded(part.text)
            if not words:
                yield Refusal("required", field=here)
            elif (first := seen.setdefault(words, number)) != number:
                yield Refusal("options-alike", {"first": first}, here)
        if part.kind is PartKind.CHOICE:
            yield from (Refusal(r.slug, r.params, here) for r in options_given(part.options))
        yield from _sound_key(part, body, key, here)

    def parse(self, body: Body, raw: object) -> Value | Refusal:
        """Read a response {part: what was given}, or what was given alone where there is one part; None is cleared."""
        if isinstance(raw, list | tuple) and len(raw) < 2:
            raw = raw[0] if raw else None
        if raw is None or raw == "":
            return None
        if self.most == 1 and not isinstance(raw, Mapping):
            raw = {body.parts[0].id: raw}
        if not isinstance(raw, Mapping) or len(raw) > len(body.parts):
            return Refusal("bad-response", field="value")
        by_id = {part.id: part for part in body.parts}
        found: dict[str, str] = {}
        for part_id, given in raw.items():
            if part_id not in by_id:
                return Refusal("bad-option", field="value")
            value = _parse_part(by_id[part_id], body, given)
            if isinstance(value, Refusal):
                return value
            if value is not None:
                found[part_id] = value
        return {part.id: found[part.id] for part in body.parts if part.id in found} or None

    def marks(self, body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
        """Return what each part earns, from 0 to 1, in the order of the parts."""
        given = value if isinstance(value, Mapping) else {}
        return tuple(best(part, key.answers.get(part.id, ()), given.get(part.id)) for part in body.parts)

    def is_correct(self, body: Body, key: Key, value: Value) -> bool:
        """Say whether every part is wholly right."""
        return all(mark == 1 for mark in self.marks(body, key, value))


def _parse_part(part: Part, body: Body, given: object) -> str | None | Refusal:
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        return Refusal("bad-response", field="value")
    match part.kind:
        case PartKind.TEXT:
            words = folded(given)
            return (words or None) if len(words) <= TEXT_LIMIT else Refusal("too-long", {"limit": TEXT_LIMIT}, "value")
        case PartKind.NUMBER:
            number = read_number(given, part.unit)
            # Kept with a comma: a point with three digits after it would part thousands when it is read again.
            return Refusal("bad-number", field="value") if number is None else plain(number).replace(".", ",")
        case PartKind.STATEMENT:
            allowed: Collection[str] = {TRUE, FALSE}
        case PartKind.STEM:
            allowed = body.option_ids
        case PartKind.CHOICE:
            allowed = {option_id for option_id, _ in part.options}
    return given if given in allowed else Refusal("bad-option", field="value")


def _sound_key(part: Part, body: Body, key: Key, here: str) -> Iterator[Refusal]:
    """Yield what is wrong with the answers of a part: none that is whole, one that is none, a weight out of range."""
    answers = key.answers.get(part.id, ())
    whole = sum(answer.weight == 1 for answer in answers)
    if whole == 0:
        yield Refusal("no-right-part", field=here)
    elif whole > 1 and part.kind not in {PartKind.TEXT, PartKind.NUMBER}:
        yield Refusal("one-right", {"count": whole}, here)
    if not all(0 <= answer.weight <= 1 for answer in answers):
        yield Refusal("weight-of-part", field=here)
    for answer in answers:
        match part.kind:
            case PartKind.NUMBER:
                is_sound = read_span(answer.value) is not None
            case PartKind.TEXT:
                is_sound = len(answer.value.strip("* ")) > 0 and len(answer.value) <= TEXT_LIMIT
            case _:
                is_sound = not isinstance(_parse_part(part, body, answer.value), Refusal)
        if not is_sound:
            yield Refusal("bad-answer", {"answer": answer.value[:40]}, here)
