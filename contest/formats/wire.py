"""A reading as bytes and back: JSON by the shape of the dataclasses, so that reading it can run nothing."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from contest.formats.drafts import Problem, Reading

T = TypeVar("T")
Decoder = Callable[[Any], Any]


def encode(reading: Reading[Any]) -> bytes:
    """Return a reading as bytes: ASCII, whatever the texts hold."""
    return json.dumps([reading.drafts, reading.problems], separators=(",", ":"), default=_plain).encode("ascii")


def decode(data: bytes, draft: type[T]) -> Reading[T]:
    """Return the reading that was encoded. Raises ValueError for anything else."""
    try:
        drafts, problems = json.loads(data)
        return Reading(_decoder(tuple[draft, ...])(drafts), _decoder(tuple[Problem, ...])(problems))  # type: ignore[valid-type]
    except (TypeError, ArithmeticError, RecursionError) as wrong:
        raise ValueError("no reading") from wrong


def _plain(value: Any) -> Any:
    """Return what JSON has no word for in its words: a dataclass is the list of its values."""
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return dict(value) if isinstance(value, Mapping) else str(value)


@cache
def _decoder(kind: Any) -> Decoder:
    """Return what turns plain JSON into a value of a type, and refuses what is not one."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _optional(_decoder(next(part for part in parts if part is not NoneType)))
    if origin is tuple:
        return _many(_decoder(parts[0]))
    if origin is Literal:
        return _one_of(parts)
    if is_dataclass(kind):
        return _shaped(kind)
    return _decoder_of_scalar(get_origin(kind) or kind)


def _decoder_of_scalar(kind: type) -> Decoder:
    if kind is date:
        return date.fromisoformat
    if kind is bytes:
        return partial(b64decode, validate=True)
    if kind is Decimal or issubclass(kind, StrEnum):
        return kind
    return _instance(dict if issubclass(kind, Mapping) else kind)


def _shaped(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    decoders = [_decoder(hints[field.name]) for field in fields(kind)]

    def decode_fields(plain: Any) -> Any:
        return kind(*(decoder(value) for decoder, value in zip(decoders, plain, strict=True)))

    return decode_fields


def _optional(decoder: Decoder) -> Decoder:
    return lambda plain: None if plain is None else decoder(plain)


def _many(decoder: Decoder) -> Decoder:
    return lambda plain: tuple(map(decoder, plain))


def _one_of(choices: tuple[Any, ...]) -> Decoder:
    def decode_choice(plain: Any) -> Any:
        return choices[choices.index(plain)]

    return decode_choice


def _instance(kind: type) -> Decoder:
    def decode_instance(plain: Any) -> Any:
        if not isinstance(plain, kind):
            raise TypeError
        return plain

    return decode_instance
