"""The key of a question in one cell: `B`, `A, C`, `Đúng`, or with weights `A (50%), B (50%), C (-100%)`."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from contest.rules.question_terms import Kind
from contest.rules.questions.choices import MOST_OPTIONS, even_weights
from contest.rules.text import fold

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:MOST_OPTIONS]

_TRUE_WORDS = {"dung", "d", "true", "t", "1"}
_FALSE_WORDS = {"sai", "s", "false", "f", "0"}
_SEPARATORS = re.compile(r"\bVÀ\b|\bAND\b|[,;/+&.\s]+")
_WEIGHTED = re.compile(r"([A-Z])(?:\(([+-]?[0-9]{1,3}(?:\.[0-9]{1,9})?)%\))?")
_NUMBERS = re.compile("[1-9][0-9]?")
_TRUTHS = re.compile("[đdtsf]{2,}", re.IGNORECASE)
_TRUTH = re.compile(
    r"(?:\(?([a-z])\s?[.):–-]\s{0,3})?(đúng|sai|true|false|[đdtsf10])(?![^\W_])[\s,;.|/–-]*", re.IGNORECASE
)

Key = dict[int, Decimal | None]  # index of the option → its weight where the cell tells one


def is_true_false(typed: str) -> bool:
    """Say whether a key is a word for true or for false, no letter or number of an option."""
    return fold(typed) in (_TRUE_WORDS | _FALSE_WORDS) - {"d", "t", "s", "f", "1", "0"}


def read_true_false(typed: str) -> Key | None:
    """Return the key of a statement with the options true and false, in this order."""
    word = fold(typed)
    if word in _TRUE_WORDS or word in _FALSE_WORDS:
        return {0 if word in _TRUE_WORDS else 1: None}
    return None


def read_statement(typed: str, texts: Sequence[str]) -> Key | None:
    """Return the key of a statement whose two options are worded by the author."""
    words = _TRUE_WORDS if fold(typed) in _TRUE_WORDS else _FALSE_WORDS
    meant = [index for index, text in enumerate(texts) if fold(text) in words]
    return {meant[0]: None} if len(meant) == 1 else None


def read_truths(typed: str) -> tuple[bool, ...] | None:
    """Return what is true and what false in a row of statements: `Đ S Đ`, `Đúng, Sai, Đúng`, `a) Đ b) S c) Đ`, `ĐSĐ`."""
    bare = typed.strip()
    if _TRUTHS.fullmatch(bare):
        bare = " ".join(bare)
    found: list[bool] = []
    at = 0
    while at < len(bare):
        truth = _TRUTH.match(bare, at)
        if truth is None or (truth[1] and ord(truth[1].lower()) != ord("a") + len(found)):
            return None
        found.append(fold(truth[2]) in _TRUE_WORDS)
        at = truth.end()
    return tuple(found) or None


def write_truths(truths: Iterable[bool]) -> str:
    """Return the cell that reads back as what is true and what false."""
    return ", ".join("Đ" if is_true else "S" for is_true in truths)


def read_key(typed: str) -> Key | None:
    """Return the options that a key names by letter or number, or None if it cannot be understood."""
    if "%" in typed:
        return _read_weighted(typed.upper())
    names = [name for name in _SEPARATORS.split(typed.upper()) if name]
    if len(names) == 1 and names[0].isalpha():
        names = list(names[0])  # AC
    indexes = [_index(name) for name in names]
    if not indexes or None in indexes or len(set(indexes)) < len(indexes):
        return None
    return {index: None for index in indexes if index is not None}


def weights_of(kind: Kind, key: Key, count: int) -> tuple[Decimal, ...]:
    """Return the weight of every option; what the key does not weigh is whole, or shared out in multiple choice."""
    unweighed = sorted(index for index, weight in key.items() if weight is None)
    shares = (
        even_weights(len(unweighed)) if kind is Kind.MULTIPLE_CHOICE and unweighed else [Decimal(1)] * len(unweighed)
    )
    weights = {**key, **dict(zip(unweighed, shares, strict=True))}
    return tuple(weights.get(index) or Decimal() for index in range(count))


def write_key(kind: Kind, weights: Sequence[Decimal]) -> str:
    """Return the cell that reads back as these weights."""
    right: Key = {index: None for index, weight in enumerate(weights) if weight > 0}
    if right and weights_of(kind, right, len(weights)) == tuple(weights):
        return ", ".join(LETTERS[index] for index in right)
    return ", ".join(f"{LETTERS[index]} ({_percent(weight)}%)" for index, weight in enumerate(weights) if weight)


def _read_weighted(typed: str) -> Key | None:
    found = [_WEIGHTED.fullmatch(part) for part in re.sub(r"\s", "", typed).split(",")]
    key = {LETTERS.index(m[1]): Decimal(m[2]).scaleb(-2) if m[2] else None for m in found if m}
    return key if len(key) == len(found) else None


def _index(name: str) -> int | None:
    if len(name) == 1 and name in LETTERS:
        return LETTERS.index(name)
    return int(name) - 1 if _NUMBERS.fullmatch(name) and int(name) <= MOST_OPTIONS else None


def _percent(weight: Decimal) -> str:
    return f"{weight.scaleb(2).normalize():f}"
