"""How a written item says what is right and what it earns: declarations, and response processing that is read back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html import escape

from contest.formats.drafts import OptionDraft, PartDraft
from contest.formats.qti.dialects import Dialect
from contest.formats.qti.processing import SCORE, Way
from contest.rules.questions.numbers import as_number, plain
from contest.rules.questions.wording import ANY, folded

ONE = Decimal(1)
FEEDBACK, EXPLANATION = "FEEDBACK", "EXPLANATION"


@dataclass(frozen=True, slots=True)
class Response:
    """A response to be declared; without `mapped` it is matched with the correct one, with `spans` held against them."""

    identifier: str
    cardinality: str
    base_type: str
    correct: tuple[str, ...]
    mapped: tuple[tuple[str, Decimal], ...] = ()
    with_case: bool = True
    is_bounded: bool = False  # from nought to one
    spans: tuple[tuple[str, Decimal], ...] = ()


def declaration(response: Response, dialect: Dialect) -> str:
    """Write the declaration of a response."""
    e = dialect.element
    values = "".join(e("value", {}, escape(value, quote=False)) for value in response.correct)
    mapping = ""
    if response.mapped:
        told: dict[str, object] = {"lowerBound": 0, "upperBound": 1} if response.is_bounded else {}
        case = {} if response.base_type != "string" else {"caseSensitive": "true" if response.with_case else "false"}
        entries = (
            e("mapEntry", {"mapKey": key, "mappedValue": plain(weight), **case}) for key, weight in response.mapped
        )
        mapping = e("mapping", {**told, "defaultValue": 0}, *entries)
    attributes = {
        "identifier": response.identifier,
        "cardinality": response.cardinality,
        "baseType": response.base_type,
    }
    return e("responseDeclaration", attributes, e("correctResponse", {}, values) if values else "", mapping)


def outcome(
    dialect: Dialect, name: str, value: str = "", base_type: str = "identifier", cardinality: str = "single"
) -> str:
    """Write the declaration of an outcome, with the value that it has from the beginning."""
    e = dialect.element
    default = e("defaultValue", {}, e("value", {}, value)) if value else ""
    return e("outcomeDeclaration", {"identifier": name, "cardinality": cardinality, "baseType": base_type}, default)


def processing(responses: Sequence[Response], dialect: Dialect, *, tells: bool) -> str:
    """Write how responses are scored; `tells`: the feedback of what is chosen is shown."""
    e = dialect.element
    alone = responses[0] if len(responses) == 1 else None
    if alone and not alone.spans and not tells:
        way = Way.MAP if alone.mapped else Way.MATCH
        return e("responseProcessing", {"template": dialect.template(way.value)})
    if alone and not alone.spans:
        rules = [_map_alone(alone, dialect) if alone.mapped else _match_alone(alone, dialect)]
        shown = {"identifier": FEEDBACK}
        rules.append(e("setOutcomeValue", shown, e("variable", {"identifier": alone.identifier})))
    else:
        mapped = [e("mapResponse", {"identifier": r.identifier}) for r in responses if not r.spans]
        rules = [_adding(dialect, mapped)] if mapped else []
        rules += [_spans(response, dialect) for response in responses if response.spans]
    return e("responseProcessing", {}, *rules)


def _match_alone(response: Response, dialect: Dialect) -> str:
    e, name = dialect.element, {"identifier": response.identifier}
    right, wrong = (e("setOutcomeValue", {"identifier": SCORE}, _float(value, dialect)) for value in ("1", "0"))
    test = e("match", {}, e("variable", name), e("correct", name))
    return e("responseCondition", {}, e("responseIf", {}, test, right), e("responseElse", {}, wrong))


def _map_alone(response: Response, dialect: Dialect) -> str:
    e, name = dialect.element, {"identifier": response.identifier}
    nought = e("setOutcomeValue", {"identifier": SCORE}, _float("0", dialect))
    mapped = e("setOutcomeValue", {"identifier": SCORE}, e("mapResponse", name))
    is_null = e("isNull", {}, e("variable", name))
    return e("responseCondition", {}, e("responseIf", {}, is_null, nought), e("responseElse", {}, mapped))


def _spans(response: Response, dialect: Dialect) -> str:
    """Write spans of numbers, those that earn most first, for the first that holds counts."""
    e = dialect.element
    ordered = sorted(response.spans, key=lambda span: -span[1])
    branches = (
        e(
            "responseElseIf" if number else "responseIf",
            {},
            _within(span, response.identifier, dialect),
            _adding(dialect, [_float(plain(weight), dialect)]),
        )
        for number, (span, weight) in enumerate(ordered)
    )
    return e("responseCondition", {}, *branches)


def _within(span: str, name: str, dialect: Dialect) -> str:
    e = dialect.element
    variable = e("variable", {"identifier": name})
    if ".." in span:
        low, _, high = span.partition("..")
        least, most = (_float(canonical(end), dialect) for end in (low, high))
        return e("and", {}, e("gte", {}, variable, least), e("lte", {}, variable, most))
    middle, _, width = span.partition(":")
    told: dict[str, object] = {"toleranceMode": "exact"}
    if width:
        told = {"toleranceMode": "absolute", "tolerance": f"{canonical(width)} {canonical(width)}"}
    return e("equal", told, variable, _float(canonical(middle), dialect))


def _adding(dialect: Dialect, terms: Iterable[str]) -> str:
    e = dialect.element
    total = e("sum", {}, e("variable", {"identifier": SCORE}), *terms)
    return e("setOutcomeValue", {"identifier": SCORE}, total)


def _float(value: str, dialect: Dialect) -> str:
    return dialect.element("baseValue", {"baseType": "float"}, value)


def canonical(number: str) -> str:
    """Return a number of a key as it is written without anything that says nothing."""
    found = as_number(number)
    return number if found is None else plain(found)


def of_part(part: PartDraft, identifier: str, texts: Sequence[OptionDraft]) -> Response:
    """Return the response to a gap; `texts` are the answers that can be written."""
    if part.kind.value == "number":
        spans = tuple((answer.text, answer.weight) for answer in part.answers)
        best = next(text for text, weight in spans if weight == 1)
        right = () if ".." in best else (canonical(best.partition(":")[0]),)
        return Response(identifier, "single", "float", right, spans=spans)
    if part.kind.value == "choice":
        names = [chr(ord("A") + n) for n in range(len(part.answers))]
        mapped = tuple((name, answer.weight) for name, answer in zip(names, part.answers, strict=True))
        return Response(identifier, "single", "identifier", tuple(n for n, w in mapped if w == 1), mapped)
    mapped = tuple((as_said(answer.text), _best(answer, part, texts)) for answer in texts)
    best_words = tuple(word for word, weight in mapped if weight == 1)
    return Response(identifier, "single", "string", best_words[:1], mapped, part.with_case)


def _best(answer: OptionDraft, part: PartDraft, others: Sequence[OptionDraft]) -> Decimal:
    """Return the most that words earn: QTI counts the first entry that holds them, we the best answer."""
    form = partial(folded, with_case=part.with_case, with_accents=True)
    return max(other.weight for other in others if form(other.text) == form(answer.text))


def is_pattern(answer: str) -> bool:
    """Say whether words stand for others too, which no mapping can say."""
    return ANY in answer.replace(r"\*", "")


def as_said(answer: str) -> str:
    return answer.replace(r"\*", ANY)
