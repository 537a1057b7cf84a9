"""Texts of questions as pages show them."""

from dataclasses import replace

from markupsafe import Markup

from contest.formats.rich.markdown import read
from contest.formats.rich.screen import on_screen as written
from contest.rules.questions.bodies import Body, Options


def on_screen(text: str, *, rich: bool) -> str:
    """Return a text for a page: a rich one as HTML that needs no escaping, a plain one as it is."""
    return Markup(written(read(text))) if rich else text  # noqa: S704  (built from a tree and cleaned there)


def body_on_screen(body: Body, *, rich: bool) -> Body:
    """Return what contestants see of a question, its texts as pages show them."""
    if not rich:
        return body

    def options(pairs: Options) -> Options:
        return tuple((option_id, on_screen(text, rich=True)) for option_id, text in pairs)

    parts = tuple(replace(p, text=on_screen(p.text, rich=True), options=options(p.options)) for p in body.parts)
    return Body(on_screen(body.text, rich=True), options(body.options), parts, body.limits, body.areas)
