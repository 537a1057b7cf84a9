"""What of a page depends on its arguments alone is rendered once, and kept; what is somebody's own is put in afterwards.

A kept rendering is given values that can be compared, and finds its reader only as a stand-in that knows nothing but
whether they manage anything: so the same arguments are the same text for everybody, by construction. Where a name, a
token or another slot stands, the text is cut, and the pieces are joined with what belongs there.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, render_template, request, session
from markupsafe import Markup, escape

from contest.web.context import reader, settings_shown, speech, token
from contest.web.slots import cut, slot

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # in the place of one that is a reader's own
_MOST = 120  # renderings that a process keeps, many of them whole pages of some tens of kilobytes


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A reader as a kept rendering knows them."""

    is_staff: bool
    name: str = slot("reader_name")


@dataclass(frozen=True, slots=True)
class Kept:
    """A rendering cut at its slots: texts, and between them the names of the slots."""

    pieces: tuple[str, ...]

    @classmethod
    def cut(cls, text: str) -> "Kept":
        return cls(cut(text))

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with every slot filled; raises KeyError for one without a value. Values are safe for a page."""
        out = list(self.pieces)
        for n in range(1, len(out), 2):
            out[n] = values[out[n]]
        return "".join(out)


def register(app: Flask) -> None:
    """Let templates keep their parts."""
    app.extensions["kept_pages"], app.extensions["kept_questions"] = OrderedDict(), {}
    app.jinja_env.globals["fragment"] = fragment


def fragment(template: str, **context: Any) -> Markup:
    """Return a template rendered with values that can be compared, for this reader; rendered once for the same values."""
    own = _Own.of_request()
    found = _find(template, context, own)
    # A part of something that is kept itself leaves the slots to it.
    values: Mapping[str, str] = {name: slot(name) for name in own.slots} if "keeps" in g else own.slots
    return Markup(found.filled(values))  # noqa: S704


def page(
    template: str, slots: dict[str, str] | None = None, made: dict[str, Callable[[], Any]] | None = None, **context: Any
) -> str:
    """Return a whole page as `fragment` does; one that has something to tell this reader alone is rendered for them.

    `slots` are values that are safe for a page; the context says with `slot` where each of them stands. `made` makes
    what a template needs and what cannot be compared, always the same, where the page has to be rendered.
    """
    own = _Own.of_request()
    if "_flashes" in session:
        found = Kept.cut(render_template(template, **context, **_make(made)))
    else:
        found = _find(template, context, own, made)
    return found.filled(own.slots | (slots or {}))


@dataclass(frozen=True, slots=True)
class _Own:
    """What of a page is its reader's own: as a stand-in, and as values for the slots."""

    somebody: _Somebody | None
    has_token: bool
    slots: dict[str, str]

    @classmethod
    def of_request(cls) -> "_Own":
        actor, csrf = reader(), token()
        here = request.full_path if request.query_string else request.path
        name = str(escape(actor.name)) if actor else ""
        slots = {"reader_name": name, "token": csrf or "", "here": str(escape(here)), "here_quoted": quote(here)}
        return cls(None if actor is None else _Somebody(actor.is_staff), csrf is not None, slots)


def _make(made: dict[str, Callable[[], Any]] | None) -> dict[str, Any]:
    return {name: make() for name, make in (made or {}).items()}


def _find(template: str, context: dict[str, Any], own: _Own, made: dict[str, Callable[[], Any]] | None = None) -> Kept:
    key = (template, speech(), settings_shown(), own.somebody, own.has_token, tuple(context.items()))
    texts: OrderedDict[Any, Kept] = current_app.extensions["kept_pages"]
    found = texts.get(key)
    if found is None:
        where = {"here": slot("here"), "here_quoted": slot("here_quoted")}
        shown = {
            **context,
            **_make(made),
            **where,
            "actor": own.somebody,
            "csrf": slot("token") if own.has_token else None,
        }
        found = texts[key] = Kept.cut(_render(template, shown))
        if len(texts) > _MOST:
            texts.popitem(last=False)
    else:
        texts.move_to_end(key)
    return found


def _render(template: str, context: dict[str, Any]) -> str:
    is_outermost = "keeps" not in g
    g.keeps = True
    try:
        return render_template(template, **context)
    finally:
        if is_outermost:
            g.pop("keeps")
