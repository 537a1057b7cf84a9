"""How body and key of a question lie in the database, as JSON. The body alone is what a running paper may read."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from contest.rules.question_terms import FileKind, PartKind
from contest.rules.questions.bodies import Answer, Body, Key, Limits, Options, Part


def stored_options(options: Options, areas: Mapping[str, str] = {}) -> list[dict[str, str]]:  # read only
    return [{"id": o, "text": text} | ({"area": areas[o]} if o in areas else {}) for o, text in options]


def stored_parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return parts as they are kept; what says nothing is left out."""
    return [
        {"id": p.id, "kind": p.kind.value, "text": p.text}
        | ({"options": stored_options(p.options)} if p.options else {})
        | ({"unit": p.unit} if p.unit else {})
        | ({"with_case": True} if p.with_case else {})
        | ({} if p.with_accents else {"with_accents": False})
        for p in parts
    ]


def stored_limits(limits: Limits) -> dict[str, Any]:
    if limits == Limits():
        return {}
    kinds = {"kinds": [kind.value for kind in limits.kinds]} if limits.kinds else {}
    return {"least": limits.least, "most": limits.most, **kinds}


def _limits(stored: Mapping[str, Any]) -> Limits:
    return Limits(stored.get("least", 0), stored.get("most", 0), tuple(map(FileKind, stored.get("kinds", ()))))


def stored_answers(key: Key) -> dict[str, list[dict[str, str]]]:
    """Return the answers of parts as they are kept, weights as decimal strings."""
    return {part: [_answer(a) for a in answers] for part, answers in key.answers.items()}


def _answer(answer: Answer) -> dict[str, str]:
    said = {"feedback": answer.feedback} if answer.feedback else {}
    return {"value": answer.value, "weight": str(answer.weight), **said}


def stored_weights(key: Key) -> dict[str, str]:
    return {option: str(weight) for option, weight in key.weights.items()}


def body_of(text: str, options: list[Any], parts: list[Any], limits: Mapping[str, Any]) -> Body:
    """Return what contestants see, from the columns of a version."""
    areas = {o["id"]: o["area"] for o in options if "area" in o}
    return Body(text, _options(options), tuple(map(_part, parts)), _limits(limits), areas)


def _options(stored: Sequence[Mapping[str, str]]) -> Options:
    return tuple((o["id"], o["text"]) for o in stored)


def _part(stored: Mapping[str, Any]) -> Part:
    return Part(
        stored["id"],
        PartKind(stored["kind"]),
        stored["text"],
        _options(stored.get("options", ())),
        stored.get("unit", ""),
        stored.get("with_case", False),
        stored.get("with_accents", True),
    )


def key_of(weights: Mapping[str, str], answers: Mapping[str, Sequence[Mapping[str, str]]]) -> Key:
    """Return what is right, from the columns of a key."""
    return Key(
        weights_of(weights),
        {
            part: tuple(Answer(a["value"], Decimal(a["weight"]), a.get("feedback", "")) for a in found)
            for part, found in answers.items()
        },
    )


def weights_of(stored: Mapping[str, str]) -> dict[str, Decimal]:
    return {option: Decimal(weight) for option, weight in stored.items()}
