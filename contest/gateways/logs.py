"""What the program says to whoever runs it: one line an event on standard output, JSON in production, for reading elsewhere.

JSON escapes whatever a value holds, so that no line can be forged. What people typed is never said: of an error in
production its kind and its place, and its message only where such a message speaks of the machine and not of the data.
"""

import logging
import logging.config
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

_ROOT = Path(__file__).resolve().parents[2]
_FRAMES = 20  # of each error, the innermost
_LONGEST = 300
_OF_THE_MACHINE = (OSError, ImportError, AttributeError, NameError, TypeError, RuntimeError, MemoryError)
_OF_THE_DATABASE = (OperationalError, InterfaceError)
Event = MutableMapping[str, Any]


def speak(*, as_json: bool, stream: str = "stdout") -> None:
    """Set up both ways to log, structlog's and the standard library's, so that libraries say their lines in the same form."""
    logging.config.dictConfig(setup(as_json=as_json, stream=stream))
    structlog.configure(
        processors=[*_shared(as_json), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def setup(*, as_json: bool, stream: str = "stdout") -> dict[str, Any]:
    """Return the set-up of the standard library's logging, as the server that answers requests takes it too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "as_json": as_json}},
        "filters": {"meant": {"()": Meant}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "stream": f"ext://sys.{stream}",
                "formatter": "line",
                "filters": ["meant"],
            }
        },
        "root": {"handlers": ["out"], "level": "WARNING"},
        "loggers": {"contest": {"level": "INFO"}, "_granian": {"level": "WARNING"}},
    }


class Meant(logging.Filter):
    """Leaves out what the server says of its many threads: they take turns, and most of them wait."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Configuration allows spawning up to")


def formatter(*, as_json: bool) -> logging.Formatter:
    """Return what makes a line of an event, whoever logs it."""
    plain = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(as_json), processors=[plain, renderer])


def _shared(as_json: bool) -> Sequence[Any]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        *((_traced,) if as_json else ()),
    )


def _traced(_logger: Any, _method: str, event: Event) -> Event:
    """Replace the error of an event by what may be said of it."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["errors"] = [told(one) for one in _chain(error)]
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def told(error: BaseException) -> Mapping[str, Any]:
    """Return an error as it is logged: its kind, its frames as `file:line function`, and its message where it may be said."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    found: dict[str, Any] = {"kind": f"{type(error).__module__}.{type(error).__qualname__}"}
    if message := _message(error):
        found["said"] = message
    return found | {"frames": [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]}


def _message(error: BaseException) -> str:
    """Return what an error says, one line of it; of others the message may quote what somebody typed."""
    if isinstance(error, _OF_THE_DATABASE):
        error = error.orig or error
    elif not isinstance(error, _OF_THE_MACHINE):
        return ""
    return (str(error).splitlines() or [""])[0][:_LONGEST]


def _place(name: str) -> str:
    path = Path(name)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
