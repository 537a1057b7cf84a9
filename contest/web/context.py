"""What every template may count on: the organisation, the reader, the language, and filters that speak it."""

from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, g, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from contest.i18n import LOCALES, Speech, iso
from contest.rules.permissions import Actor
from contest.rules.questions import gaps, numbers
from contest.rules.terms import Address
from contest.rules.text import phone_as_said
from contest.services import organisation
from contest.web import gate, markup
from contest.web.hotspots import overlaid
from contest.web.slots import Slot

NOBODY_YET = SimpleNamespace(
    name_vi="Hội Thi",
    name_en="Hội Thi",
    short_name="HT",
    anniversary=None,
    logo_url=None,
    address=Address.FRIEND,
    four_eyes=True,
)


def _like(text: str, piece: Any) -> Any:
    """Return a piece of a text as safe for a page as the text itself is."""
    return Markup(piece) if isinstance(text, Markup) and isinstance(piece, str) else piece  # noqa: S704


def register(app: Flask) -> None:
    """Set up Jinja: strict, translated, with the filters of the house."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.globals["_"] = env.globals["gettext"] = _text
    env.globals["ngettext"] = _plural
    for name in ("moment", "day", "day_short", "hour", "hour_second", "number", "points", "fraction", "percent", "size",
                 "duration", "minsec", "weekday", "label", "listed", "said"):  # fmt: skip
        env.filters[name] = _spoken(name)
    env.filters["gaps"] = lambda text: [_like(text, piece) for piece in gaps.segments(text)]
    env.filters["blanked"] = lambda text: _like(text, gaps.blanked(text))
    env.filters["overlaid"] = overlaid
    env.filters["span"] = numbers.said
    env.filters["iso"] = _iso
    env.filters["phone"] = phone_as_said
    env.filters["markdown"] = markup.regulations
    app.context_processor(_context(app.config["ASSETS_VERSION"], app.config["MODULES_OF"]))


def speech() -> Speech:
    """Return how this request's reader is spoken to."""
    if "speech" not in g:
        g.speech = organisation.speech(_locale())
    spoken: Speech = g.speech
    return spoken


def _locale() -> str:
    chosen = request.cookies.get("lang", "vi")
    return chosen if chosen in LOCALES else "vi"


def stand_apart() -> None:
    """Render the rest of this answer without the database, which may be what has failed."""
    g.stands_apart = True
    g.speech = g.get("speech") or Speech(_locale())


def is_same_for_all() -> bool:
    """Say whether what is rendered now holds nothing of its reader: caches may keep it, or it is about what has failed."""
    declared = gate.policy_of(current_app, request.endpoint)
    return "stands_apart" in g or "same_for_all" in g or (declared is not None and declared.is_cacheable)


def reader() -> Actor | None:
    """Return for whom this is rendered, None where it is for all or for somebody who is not signed in."""
    return None if is_same_for_all() else gate.find_actor()


def token() -> str | None:
    """Return the token of the forms of a page; one for all has none."""
    return None if is_same_for_all() else gate.csrf.token()


def settings_shown() -> organisation.OrganisationView | None:
    return None if "stands_apart" in g else organisation.find_organisation()


def _text(message: str, **params: object) -> str:
    return speech().text(message, **params)


def _plural(one: str, many: str, n: int, **params: object) -> str:
    return speech().plural(one, many, n)


def _spoken(name: str) -> Callable[..., Any]:
    return lambda value, *args: value if isinstance(value, Slot) else getattr(speech(), name)(value, *args)


def _iso(value: datetime | date) -> str:
    return iso(value) if isinstance(value, datetime) else value.isoformat()


def _context(version: str, modules_of: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Callable[[], dict[str, Any]]:
    def asset(path: str) -> str:
        return (
            f"/static/vendor/{path.removeprefix('vendor/')}"
            if path.startswith("vendor/")
            else f"/static/{version}/{path}"
        )

    def modules(*behaviours: str) -> list[str]:
        """Return the addresses of the modules of behaviours with all that they import, for a page to ask for at once."""
        return [asset(name) for name in modules_of(tuple(f"js/behaviours/{name}.js" for name in behaviours))]

    sheet = asset("app.css")

    def context() -> dict[str, Any]:
        settings = settings_shown()
        org: Any = NOBODY_YET
        if settings is not None:
            logo = url_for("front.logo", v=settings.logo_version) if settings.logo_version else None
            org = SimpleNamespace(
                name_vi=settings.name_vi,
                name_en=settings.name_en,
                short_name=settings.short_name or settings.name_vi,
                anniversary=settings.anniversary,
                logo_url=logo,
                address=settings.address,
                four_eyes=settings.four_eyes,
            )
        return {
            "org": org,
            "actor": reader(),
            "locale": speech().locale,
            "csrf": token(),
            "asset": asset,
            "modules": modules,
            "app_css": sheet,
        }

    return context
